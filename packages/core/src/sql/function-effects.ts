import type { Grammar } from './analysis.ts'

/**
 * What calling a function does beyond returning a value.
 *
 * - `sequence`: advances or sets a sequence: part of any insert, refused in a read.
 * - `lock`: takes or releases a lock.
 * - `session`: changes a setting of the session, unless the setting is a protected one.
 * - `notify`: sends a notification.
 * - `effect`: anything else that outlives the statement.
 */
export type FunctionEffect = 'sequence' | 'lock' | 'session' | 'notify' | 'effect'

const POSTGRES: Readonly<Record<FunctionEffect, string>> = {
  sequence: 'nextval setval',
  lock: `pg_advisory_lock pg_advisory_lock_shared pg_advisory_xact_lock pg_advisory_xact_lock_shared
    pg_try_advisory_lock pg_try_advisory_lock_shared pg_try_advisory_xact_lock pg_try_advisory_xact_lock_shared
    pg_advisory_unlock pg_advisory_unlock_shared pg_advisory_unlock_all`,
  session: 'set_config',
  notify: 'pg_notify',
  effect: `lo_creat lo_create lo_unlink lo_import lo_export lo_put lo_from_bytea lo_open lo_truncate lo_truncate64
    lowrite lo_manage
    pg_terminate_backend pg_cancel_backend pg_reload_conf pg_rotate_logfile pg_rotate_logfile_old
    pg_switch_wal pg_switch_xlog pg_create_restore_point pg_start_backup pg_stop_backup pg_backup_start pg_backup_stop
    pg_promote pg_wal_replay_pause pg_wal_replay_resume pg_xlog_replay_pause pg_xlog_replay_resume
    pg_log_standby_snapshot pg_logical_emit_message pg_create_logical_replication_slot
    pg_create_physical_replication_slot pg_drop_replication_slot pg_copy_logical_replication_slot
    pg_copy_physical_replication_slot pg_replication_slot_advance pg_sync_replication_slots
    pg_logical_slot_get_changes pg_logical_slot_get_binary_changes
    pg_replication_origin_create pg_replication_origin_drop pg_replication_origin_advance
    pg_replication_origin_session_setup pg_replication_origin_session_reset pg_replication_origin_xact_setup
    pg_replication_origin_xact_reset
    pg_stat_reset pg_stat_reset_shared pg_stat_reset_single_table_counters pg_stat_reset_single_function_counters
    pg_stat_reset_slru pg_stat_reset_replication_slot pg_stat_reset_subscription_stats pg_stat_reset_backend_stats
    pg_stat_statements_reset
    pg_restore_relation_stats pg_restore_attribute_stats pg_clear_relation_stats pg_clear_attribute_stats
    pg_restore_extended_stats pg_clear_extended_stats
    pg_file_write pg_file_sync pg_file_rename pg_file_unlink pg_import_system_collations pg_extension_config_dump
    pg_nextoid binary_upgrade_set_record_init_privs
    brin_summarize_new_values brin_summarize_range brin_desummarize_range gin_clean_pending_list
    pg_truncate_visibility_map heap_force_kill heap_force_freeze
    dblink dblink_exec dblink_open dblink_connect dblink_connect_u dblink_send_query
    query_to_xml query_to_xml_and_xmlschema crosstab
    postgres_fdw_disconnect postgres_fdw_disconnect_all autoprewarm_start_worker autoprewarm_dump_now
    table_import_from_s3 query_export_to_s3 invoke
    addgeometrycolumn dropgeometrycolumn dropgeometrytable updategeometrysrid populate_geometry_columns
    create_hypertable drop_chunks add_retention_policy add_compression_policy compress_chunk decompress_chunk
    create_parent run_maintenance`,
}

const MYSQL: Readonly<Record<FunctionEffect, string>> = {
  sequence: 'nextval setval',
  lock: `get_lock release_lock release_all_locks service_get_read_locks service_get_write_locks service_release_locks`,
  session: '',
  notify: '',
  effect: `sys_exec sys_eval sys_set lib_mysqludf_sys_exec load_extension
    asynchronous_connection_failover_add_managed asynchronous_connection_failover_add_source
    asynchronous_connection_failover_delete_managed asynchronous_connection_failover_delete_source
    asynchronous_connection_failover_reset
    group_replication_set_as_primary group_replication_switch_to_single_primary_mode
    group_replication_switch_to_multi_primary_mode group_replication_set_communication_protocol
    group_replication_set_write_concurrency group_replication_enable_member_action
    group_replication_disable_member_action group_replication_reset_member_actions
    audit_log_filter_set_filter audit_log_filter_remove_filter audit_log_filter_set_user
    audit_log_filter_remove_user audit_log_filter_flush audit_log_rotate audit_log_encryption_password_set
    audit_log_read audit_api_message_emit_udf
    keyring_key_generate keyring_key_remove keyring_key_store keyring_key_move
    version_tokens_set version_tokens_edit version_tokens_delete version_tokens_lock_shared
    version_tokens_lock_exclusive version_tokens_unlock
    set_firewall_mode set_firewall_group_mode mysql_firewall_flush_status read_firewall_users
    read_firewall_whitelist firewall_group_delist firewall_group_enlist load_rewrite_rules flush_rewrite_cache
    masking_dictionary_remove masking_dictionary_term_add masking_dictionary_term_remove
    gen_dictionary_load gen_dictionary_drop`,
}

const SQLITE: Readonly<Record<FunctionEffect, string>> = {
  sequence: '',
  lock: '',
  session: '',
  notify: '',
  effect: `load_extension writefile edit fts3_tokenizer eval shell initspatialmetadata addgeometrycolumn
    discardgeometrycolumn recovergeometrycolumn createspatialindex disablespatialindex`,
}

const EFFECTS: Readonly<Record<Grammar, ReadonlyMap<string, FunctionEffect>>> = {
  postgres: byName(POSTGRES),
  mysql: byName(MYSQL),
  mariadb: byName(MYSQL),
  sqlite: byName(SQLITE),
}

function byName(lists: Readonly<Record<FunctionEffect, string>>): ReadonlyMap<string, FunctionEffect> {
  const effects = new Map<string, FunctionEffect>()
  for (const effect of ['sequence', 'lock', 'session', 'notify', 'effect'] as const) {
    for (const name of lists[effect].split(/\s+/)) if (name !== '') effects.set(name, effect)
  }
  return effects
}

/** The functions of a database family that are known to do more than return a value, by lower-case name. */
export function effectfulFunctions(grammar: Grammar): ReadonlyMap<string, FunctionEffect> {
  return EFFECTS[grammar]
}
