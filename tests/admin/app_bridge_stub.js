// Stands in for Shopify's App Bridge: the parts we use, with every call recorded.
(() => {
  const calls = [];
  window.__bridgeCalls = calls;
  window.shopify = {
    config: { apiKey: document.querySelector('meta[name="shopify-api-key"]').content },
    idToken: async () => {
      calls.push("idToken");
      return window.__idToken();
    },
    toast: { show: (text) => calls.push(`toast ${text}`) },
    app: {
      extensions: async () => JSON.parse(await window.__extensions()),
    },
  };
  const reload = new URLSearchParams(location.search).get("shopify-reload");
  if (reload) {
    window.shopify.idToken().then((token) => {
      const target = new URL(reload);
      target.searchParams.set("id_token", token);
      location.replace(target);
    });
  }
})();
