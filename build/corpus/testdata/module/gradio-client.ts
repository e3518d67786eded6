import { Client, handle_file } from '@gradio/client';
import { serving, bytes } from '../support/serve.js';

const config = {
  version: '5.0.0', api_prefix: '/gradio_api', mode: 'blocks', protocol: 'sse_v3', components: [], enable_queue: true, dev_mode: false,
  is_space: false, is_colab: false, show_api: true, show_error: true, max_file_size: null, auth_required: false, space_id: null,
  dependencies: [{ id: 0, api_name: 'shout', inputs: [1], outputs: [2], targets: [], backend_fn: true, queue: true, types: { generator: false, cancel: false }, cancels: [], show_api: true }],
};
const info = {
  named_endpoints: {
    '/shout': {
      parameters: [{ label: 'Text', parameter_name: 'text', parameter_has_default: false, type: { type: 'string' }, python_type: { type: 'str' }, component: 'Textbox', example_input: 'a' }],
      returns: [{ label: 'out', type: { type: 'string' }, python_type: { type: 'str' }, component: 'Textbox' }],
    },
  },
  unnamed_endpoints: {},
};

export default () => {
  let asked = { data: [''], event_id: 'e1' };
  return serving(
    async (request, response) => {
      const url = new URL(request.url ?? '', 'http://localhost');
      const json = (value: unknown) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
      if (url.pathname === '/config') json({ ...config, root: `http://${request.headers.host}` });
      else if (url.pathname.endsWith('/info')) json(info);
      else if (url.pathname.endsWith('/queue/join')) {
        asked = { ...(JSON.parse((await bytes(request)).toString()) as typeof asked), event_id: 'e1' };
        json({ event_id: 'e1' });
      } else if (url.pathname.endsWith('/queue/data')) {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        const done = { msg: 'process_completed', event_id: 'e1', success: true, output: { data: [asked.data[0]?.toUpperCase()], is_generating: false, duration: 1, average_duration: 1 } };
        response.write(`data: ${JSON.stringify(done)}\n\n`);
        response.end(`data: ${JSON.stringify({ msg: 'close_stream' })}\n\n`);
      } else if (url.pathname.includes('/heartbeat/')) response.writeHead(200, { 'content-type': 'text/event-stream' });
      else response.writeHead(404).end();
    },
    async (address) => {
      const client = await Client.connect(address);
      const result = await client.predict('/shout', { text: 'moo' });
      client.close();
      return `${client.config?.version} ${JSON.stringify(result.data)} ${handle_file('http://x.example/a.png').path ?? ''}`;
    },
  );
};
