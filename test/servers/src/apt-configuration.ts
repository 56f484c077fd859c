import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg'

/** Returns a configuration of apt that keeps everything in `work`; of this machine's it only keeps how to download, like a proxy. */
export async function aptConfiguration(work: string): Promise<string> {
  const { stdout } = await run('apt-config', ['dump'])
  const downloads = stdout.split('\n').filter((line) => /^Acquire::(?!IndexTargets|Languages)/.test(line))
  return [
    ...downloads,
    'Dir::Etc::main "/dev/null";',
    'Dir::Etc::parts "/dev/null";',
    `Dir::Etc::SourceList "${work}/sources.list";`,
    'Dir::Etc::SourceParts "/dev/null";',
    `Dir::State::Lists "${work}/lists";`,
    'Dir::State::status "/dev/null";',
    `Dir::Cache "${work}/cache";`,
    'Acquire::Languages "none";',
    'Acquire::Retries "2";',
    'Acquire::http::Timeout "20";',
    // The user that apt would switch to cannot write to our directory.
    'APT::Sandbox::User "";',
    'APT::Update::Error-Mode "any";',
    '',
  ].join('\n')
}

/** Returns the source for a release: the mirror that this machine uses, else Debian's own. */
export async function debianSource(suite: string): Promise<string> {
  // Without Debian's keys (Ubuntu) only the certificate tells that the packages are Debian's.
  if (!existsSync(keyring)) return `deb [trusted=yes] https://deb.debian.org/debian ${suite} main\n`
  return `deb [signed-by=${keyring}] ${await findMirror()} ${suite} main\n`
}

async function findMirror(): Promise<string> {
  const directory = '/etc/apt/sources.list.d'
  const names = await readdir(directory).catch(() => [])
  const files = ['/etc/apt/sources.list', ...names.map((name) => join(directory, name))]
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')))
  const lines = texts.join('\n').split('\n')
  const urls = lines
    .filter((line) => !line.startsWith('#'))
    .map((line) => /https?:\/\/\S+\/debian(?=\/?(\s|$))/.exec(line)?.[0])
  return urls.find((url) => url !== undefined) ?? 'http://deb.debian.org/debian'
}
