import { exit } from './faults';
import { HealthCheckResponse_ServingStatus, HealthDefinition } from './gen/health';
import type { Router } from './grpc';

/** A message without fields, of which neither side reads anything. */
const empty = { encode: () => ({ finish: () => new Uint8Array(0) }), decode: () => ({}) };

const controller = {
  fullName: 'plugin.GRPCController',
  methods: { shutdown: { name: 'Shutdown', requestType: empty, requestStream: false, responseType: empty, responseStream: false } },
} as const;

/** The services that go-plugin's client (protocol version 1) uses beside the contract. */
export function goPluginServices(router: Router): void {
  router.service(HealthDefinition, { check: async () => ({ status: HealthCheckResponse_ServingStatus.SERVING }) });
  router.service(controller, {
    shutdown: async () => {
      setImmediate(() => exit(0)); // after the answer has been handed to the socket
      return {};
    },
  });
  // Output, which conduit reads from standard error itself, and further connections, of which the contract needs none.
  // Both streams stay open: closing them makes go-plugin log errors.
  router.silent('/plugin.GRPCStdio/StreamStdio').silent('/plugin.GRPCBroker/StartStream');
}
