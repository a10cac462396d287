/*
 * A stub of Shopify's App Bridge for the dev store. It is not Shopify's script: it knows what our pages use, and no more.
 * The frame around the page (the dev store's admin) hands out ID tokens; without that frame there are none.
 */
(() => {
  'use strict';
  const tag = document.currentScript;
  const storeOrigin = new URL(tag.src).origin;
  const address = new URL(location.href);
  const calls = [];
  const waiting = new Map();
  let counter = 0;

  const toParent = (message) => {
    if (window.parent === window) return false;
    window.parent.postMessage({ stub: 'app-bridge', ...message }, storeOrigin);
    return true;
  };

  addEventListener('message', (event) => {
    if (event.origin !== storeOrigin || event.data?.stub !== 'app-bridge') return;
    const settle = waiting.get(event.data.call);
    waiting.delete(event.data.call);
    settle?.(event.data);
  });

  /** Ask the frame for something and wait for its answer. */
  const ask = (want) =>
    new Promise((resolve, reject) => {
      const call = ++counter;
      waiting.set(call, ({ answer }) => (answer == null ? reject(new Error(`no ${want}`)) : resolve(answer)));
      if (!toParent({ want, call })) reject(new Error('not inside the dev store admin'));
    });
  const idToken = () => ask('id-token');

  const told = (name) => (...values) => {
    calls.push({ name, values });
    toParent({ want: name, values: values.map((value) => (typeof value === 'object' ? { ...value } : value)) });
    return Promise.resolve();
  };

  const isOurs = (input) => new URL(input instanceof Request ? input.url : input, location.href).origin === location.origin;
  const plainFetch = window.fetch.bind(window);
  window.fetch = async (input, init = {}) => {
    if (!isOurs(input)) return plainFetch(input, init);
    const request = new Request(input, init);
    if (!request.headers.has('Authorization')) request.headers.set('Authorization', `Bearer ${await idToken()}`);
    return plainFetch(request);
  };

  const config = {
    apiKey: tag.dataset.apiKey || document.querySelector('meta[name="shopify-api-key"]')?.content,
    shop: address.searchParams.get('shop'),
    host: address.searchParams.get('host'),
    locale: address.searchParams.get('locale') || 'en',
  };

  window.shopify = {
    isStub: true,
    calls,
    config,
    environment: { embedded: window.parent !== window, mobile: false, pos: false },
    ready: Promise.resolve(),
    idToken,
    app: { extensions: () => ask('extensions') },
    toast: { show: told('toast.show'), hide: told('toast.hide') },
    saveBar: { show: told('saveBar.show'), hide: told('saveBar.hide'), toggle: told('saveBar.toggle'), leaveConfirmation: told('saveBar.leaveConfirmation') },
    modal: { show: told('modal.show'), hide: told('modal.hide'), toggle: told('modal.toggle') },
    loading: told('loading'),
    user: () => Promise.resolve({ accountAccess: 'Collaborator' }),
    scopes: { query: () => Promise.resolve({ granted: [], required: [], optional: [] }), request: told('scopes.request'), revoke: told('scopes.revoke') },
    resourcePicker: () => Promise.resolve(undefined),
  };
  document.documentElement.dataset.appBridge = 'stub';

  // A page that was asked for without a token bounces: it names where to go once there is one.
  const reload = address.searchParams.get('shopify-reload');
  if (reload) {
    idToken().then((token) => {
      const target = new URL(reload, location.origin);
      if (target.origin !== location.origin) return;
      target.searchParams.set('id_token', token);
      location.replace(target);
    }, () => {});
  }
})();
