-- The same tables for MySQL and MariaDB.
CREATE TABLE collection (id char(36) PRIMARY KEY, name varchar(200) NOT NULL);
CREATE TABLE report_card (
  id char(36) PRIMARY KEY,
  name varchar(200) NOT NULL,
  collection_id char(36),
  last_used_at datetime(3),
  updated_at datetime(3) NOT NULL DEFAULT current_timestamp(3),
  FOREIGN KEY (collection_id) REFERENCES collection (id)
);

CREATE TABLE cloud_migration (id int AUTO_INCREMENT PRIMARY KEY, state varchar(40) NOT NULL, progress int NOT NULL);
CREATE TABLE setting (`key` varchar(100) PRIMARY KEY, value text);
CREATE TABLE core_user (id int AUTO_INCREMENT PRIMARY KEY, email varchar(200) NOT NULL UNIQUE);
CREATE TABLE core_session (id char(36) PRIMARY KEY, created_at datetime(3) NOT NULL DEFAULT current_timestamp(3));
CREATE TABLE login_history (id bigint AUTO_INCREMENT PRIMARY KEY, at datetime(3) NOT NULL DEFAULT current_timestamp(3));
CREATE TABLE audit_log (id bigint AUTO_INCREMENT PRIMARY KEY, topic varchar(100) NOT NULL, at datetime(3) NOT NULL DEFAULT current_timestamp(3));
CREATE TABLE view_log (id bigint AUTO_INCREMENT PRIMARY KEY, model varchar(40) NOT NULL, at datetime(3) NOT NULL DEFAULT current_timestamp(3));
