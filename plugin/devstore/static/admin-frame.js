/* The frame's side of the App Bridge stub: fetches ID tokens for the app, shows its toasts, and says what it asked for. */
(() => {
  'use strict';
  const frame = document.getElementById('app');
  const toast = document.getElementById('toast');
  const bar = document.getElementById('save-bar');
  const appOrigin = frame.dataset.origin;
  let timer;

  const reply = (call, answer) => frame.contentWindow.postMessage({ stub: 'app-bridge', call, answer }, appOrigin);

  const acts = {
    'id-token': async ({ call }) => {
      const response = await fetch('/admin/id-token', { cache: 'no-store' });
      reply(call, response.ok ? (await response.json()).id_token : null);
    },
    extensions: ({ call }) => reply(call, JSON.parse(frame.dataset.extensions)),
    'toast.show': ({ values }) => {
      toast.textContent = values[0];
      toast.hidden = false;
      clearTimeout(timer);
      timer = setTimeout(() => (toast.hidden = true), 4000);
    },
    'toast.hide': () => (toast.hidden = true),
    'saveBar.show': () => (bar.hidden = false),
    'saveBar.hide': () => (bar.hidden = true),
  };

  addEventListener('message', (event) => {
    if (event.origin !== appOrigin || event.source !== frame.contentWindow || event.data?.stub !== 'app-bridge') return;
    acts[event.data.want]?.(event.data);
  });
})();
