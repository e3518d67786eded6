Object.defineProperty(process.versions, 'node', { value: '18.20.4' });
