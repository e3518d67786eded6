import axios, { isAxiosError } from 'axios';
import FormData from 'form-data';
import { serving, bytes } from '../support/serve';

export default () =>
  serving(
    async (request, response) => {
      const body = (await bytes(request)).toString();
      response.writeHead(418, { 'content-type': 'text/plain' }).end(`${request.method} ${/name="(\w+)"/.exec(body)?.[1]}`);
    },
    async (address: string) => {
      const form = new FormData();
      form.append('field', 'value');
      try {
        await axios.put(address, form, { headers: form.getHeaders() });
        return 'no error';
      } catch (error) {
        return isAxiosError(error) ? `${error.response?.status} ${error.response?.data} ${error.constructor.name}` : String(error);
      }
    },
  );
