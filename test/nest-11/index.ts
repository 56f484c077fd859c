import 'reflect-metadata'
import * as common from '@nestjs/common'
import * as core from '@nestjs/core'

/** The major version of Nest before the newest, for the rows of the suite that run it. */
export { common, core }
