import 'reflect-metadata'
import { type ArgumentsHost, Catch, Controller, type ExceptionFilter, Get, Inject, Module, Post } from '@nestjs/common'
import { APP_FILTER, NestFactory } from '@nestjs/core'
import { HealthCheckService, TerminusModule } from '@nestjs/terminus'
import type { Cluster } from '@quiesce/core'
import { AllowWhileReadOnly, QUIESCE_CLUSTER, ReadOnlyHealthIndicator, ReadOnlyModule } from '@quiesce/http/nest'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { calmOptions } from './calm-options.ts'
import { rawRequest } from './raw-request.ts'
import { listening, type RunningShell } from './shell.ts'

@Controller('orders')
class OrdersController {
  @Inject(QUIESCE_CLUSTER) declare readonly cluster: Cluster

  @Post()
  create() {
    return { mode: this.cluster.state.mode }
  }

  @AllowWhileReadOnly()
  @Post('view')
  view() {
    return { viewed: true }
  }

  @AllowWhileReadOnly()
  @Post('mail')
  mail() {
    this.cluster.assertWritable('a mail')
  }
}

@AllowWhileReadOnly()
@Controller('auth')
class AuthController {
  @Post('login')
  login() {
    return { token: 'x' }
  }
}

@Controller('health')
class HealthController {
  @Inject(HealthCheckService) declare readonly health: HealthCheckService
  @Inject(ReadOnlyHealthIndicator) declare readonly readOnly: ReadOnlyHealthIndicator

  @Get()
  check() {
    return this.health.check([() => this.readOnly.isHealthy()])
  }
}

/** A filter of the application that takes every error, as many have. */
@Catch()
class EveryError implements ExceptionFilter {
  catch(_error: unknown, host: ArgumentsHost) {
    host.switchToHttp().getResponse().status(500).send('ours')
  }
}

let database: TestDatabase
let cluster: Cluster
let server: RunningShell

beforeAll(async () => {
  database = await testDatabase('http_nest')
  cluster = database.cluster(calmOptions)
  await cluster.start()
  @Module({
    providers: [{ provide: APP_FILTER, useClass: EveryError }],
  })
  class ErrorsModule {}
  @Module({
    imports: [ErrorsModule, ReadOnlyModule.forRoot({ cluster }), TerminusModule.forRoot({ logger: false })],
    controllers: [OrdersController, AuthController, HealthController],
  })
  class AppModule {}
  const app = await NestFactory.create(AppModule, { logger: false, abortOnError: false })
  await app.init()
  server = await listening(app.getHttpServer())
})
afterAll(async () => {
  await server?.close()
  await database?.drop()
})

const post = (path: string) => rawRequest(server.port, 'POST', path)

test('handlers and controllers that may write pass, the others are refused, and what comes from below is answered too', async () => {
  expect(JSON.parse((await post('/orders')).body)).toEqual({ mode: 'read-write' })
  const freeze = await cluster.freeze({ reason: 'the move' })
  const refused = await post('/orders')
  expect([refused.status, JSON.parse(refused.body).freezeId]).toEqual([403, freeze.id])
  expect(JSON.parse((await post('/orders/view')).body)).toEqual({ viewed: true })
  expect(JSON.parse((await post('/auth/login')).body)).toEqual({ token: 'x' })
  expect((await post('/orders/mail')).body, 'before a filter that takes every error').toBe(refused.body)
  await freeze.thaw()
  expect((await post('/orders')).status).toBe(201)
})

test('terminus tells the mode, and stays up while read-only', async () => {
  const freeze = await cluster.freeze({ reason: 'the move' })
  const { status, body } = await rawRequest(server.port, 'GET', '/health')
  expect(status).toBe(200)
  const { mode, health, epoch } = cluster.state
  expect(JSON.parse(body).details).toEqual({ quiesce: { status: 'up', mode, health, epoch } })
  expect(mode).toBe('read-only')
  await freeze.thaw()
})

test('bad options fail the start, all at once', async () => {
  @Module({ imports: [ReadOnlyModule.forRoot({ cluster, allow: ['login'], status: 200 })] })
  class AppModule {}
  const failed = NestFactory.create(AppModule, { logger: false, abortOnError: false })
  await expect(failed).rejects.toMatchObject({
    kind: 'QUIESCE_CONFIG',
    data: { problems: [{ path: 'allow.0' }, { path: 'status' }] },
  })
})
