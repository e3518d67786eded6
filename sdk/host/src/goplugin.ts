import type { ConnectRouter, HandlerContext } from '@connectrpc/connect';
import { exit } from './faults';
import { GRPCBroker, GRPCController, GRPCStdio } from './gen/goplugin_pb.js';
import { Health, HealthCheckResponse_ServingStatus } from './gen/health_pb.js';

/** The services that go-plugin's client uses beside the contract. */
export function goPluginServices(router: ConnectRouter): void {
  router.service(Health, {
    check: () => ({ status: HealthCheckResponse_ServingStatus.SERVING }),
  });
  router.service(GRPCController, {
    shutdown: () => {
      setImmediate(() => exit(0)); // after the answer has been handed to the socket
      return {};
    },
  });
  // Both streams stay silent and open: closing them makes go-plugin log errors.
  router.service(GRPCStdio, {
    async *streamStdio(_request, context) {
      await aborted(context);
    },
  });
  router.service(GRPCBroker, {
    async *startStream(_requests, context) {
      await aborted(context);
    },
  });
}

function aborted({ signal }: HandlerContext): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
