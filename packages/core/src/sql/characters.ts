/** What a character can begin. */
const SIGN = 0
export const SPACE = 1
export const LETTER = 2
export const DIGIT = 3

const CLASSES = new Uint8Array(128)
for (const code of [9, 10, 11, 12, 13, 32]) CLASSES[code] = SPACE
for (let code = 48; code <= 57; code++) CLASSES[code] = DIGIT
for (let code = 65; code <= 90; code++) CLASSES[code] = CLASSES[code + 32] = LETTER
CLASSES[95] = LETTER

/** The class of a UTF-16 code; everything outside ASCII belongs to words, as it does for the servers. */
export function classOf(code: number): number {
  return code >= 128 ? LETTER : (CLASSES[code] ?? SIGN)
}

/** Whether the code may stand inside an unquoted word (`$` included). */
export function continuesWord(code: number): boolean {
  return classOf(code) >= LETTER || code === 36
}

/** Lower case for ASCII only: JavaScript's own folding would turn a Kelvin sign into `k`, which no server does. */
export function foldAscii(text: string): string {
  for (let index = 0; index < text.length; index++) {
    if (text.charCodeAt(index) > 127) return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
  }
  return text.toLowerCase()
}
