import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheDirectory } from './cache-directory.ts'
import { cachedDirectory } from './cached-directory.ts'
import { type DebianPackage, unpackDebianPackage } from './debian-packages.ts'
import type { Product } from './server-kind.ts'
import { TestServerError } from './test-server-error.ts'

/** A browser without a window, ready to be started. */
export interface Chromium {
  readonly program: string
  readonly environment: Readonly<Record<string, string>>
}

const product: Product = {
  label: 'Chromium',
  name: 'chromium',
  code: 'CHROMIUM',
  otherwise: [
    'Install one:',
    '  apt-get install chromium-headless-shell   # or: brew install --cask chromium',
    'or name one that you have:',
    '  export QUIESCE_TEST_CHROMIUM=/path/to/chromium',
  ].join('\n'),
}

const debianPackage: DebianPackage = {
  suite: 'bookworm',
  name: 'chromium-headless-shell',
  more: ['chromium-common', 'fonts-inter', 'fonts-jetbrains-mono'],
  // The C library is the machine's own, because the browser starts itself; the rest draws on screens, which nobody has.
  without: /^libc6$|llvm|libz3|mesa|libdrm-[ainr]/,
}

const installed = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome']
  .map((name) => `/usr/bin/${name}`)
  .concat('/Applications/Chromium.app/Contents/MacOS/Chromium')

/**
 * Finds a Chromium: the one that `QUIESCE_TEST_CHROMIUM` names, one that is installed, or Debian's own, of which the first
 * call downloads 120 MB of packages to the user's cache; nothing is installed.
 *
 * @throws TestServerError `CHROMIUM_BINARIES_MISSING` saying how to get one.
 */
export async function findChromium(): Promise<Chromium> {
  const named = process.env['QUIESCE_TEST_CHROMIUM']
  if (named !== undefined && !existsSync(named)) {
    const message = `No Chromium: QUIESCE_TEST_CHROMIUM names ${named}, which does not exist. ${product.otherwise}`
    throw new TestServerError('CHROMIUM_BINARIES_MISSING', message)
  }
  const own = named ?? installed.find(existsSync)
  if (own !== undefined) return { program: own, environment: {} }
  const path = join(await cacheDirectory(product), `${debianPackage.name}-${debianPackage.suite}-${process.arch}`)
  const root = await cachedDirectory(path, async (draft) => {
    await unpackDebianPackage(product, debianPackage, draft)
    await writeFile(join(draft, 'fonts.conf'), fonts)
  })
  const triplet = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu'
  const libraries = ['usr/lib', 'lib'].flatMap((parent) => [`${parent}/${triplet}`, `${parent}/${triplet}/pulseaudio`])
  return {
    program: join(root, 'usr/lib/chromium/chromium-headless-shell'),
    environment: {
      LD_LIBRARY_PATH: libraries.map((each) => join(root, each)).join(':'),
      FONTCONFIG_FILE: join(root, 'fonts.conf'),
    },
  }
}

const fonts = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <dir prefix="relative">usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
  <alias><family>sans-serif</family><prefer><family>Inter</family></prefer></alias>
  <alias><family>system-ui</family><prefer><family>Inter</family></prefer></alias>
  <alias><family>monospace</family><prefer><family>JetBrains Mono</family></prefer></alias>
</fontconfig>
`
