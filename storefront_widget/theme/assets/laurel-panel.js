/*
 * The rewards panel. Loaded when the launcher is first pressed; plain JavaScript, no build step.
 * Whatever a server or a merchant wrote enters the page as text, never as markup.
 */
(() => {
  'use strict';
  if (customElements.get('laurel-panel')) return;

  const PATIENCE_MS = 15000;
  const POLLS_MAX = 12;

  /** Make an element: attributes by name, listeners as functions, children as nodes or text. */
  const make = (tag, attributes, ...children) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (typeof value === 'function') node.addEventListener(name, value);
      else if (value != null && value !== false) node.setAttribute(name, value === true ? '' : value);
    }
    node.append(...children.flat().filter((child) => child != null && child !== false && child !== ''));
    return node;
  };

  /** A wish keeps its id until it is answered, over reloads too: pressing again repeats it and never makes a second one. */
  const wishes = {
    kept: {},
    take(name) {
      const key = `laurel:wish:${name}`;
      let id = this.kept[key];
      try {
        id = sessionStorage.getItem(key) || id || crypto.randomUUID();
        sessionStorage.setItem(key, id);
      } catch {
        id ||= crypto.randomUUID();
      }
      return (this.kept[key] = id);
    },
    drop(name) {
      const key = `laurel:wish:${name}`;
      delete this.kept[key];
      try {
        sessionStorage.removeItem(key);
      } catch {
        /* storage is closed to us; the copy above was all there is */
      }
    },
  };

  class LaurelPanel extends HTMLElement {
    connectedCallback() {
      if (this.launcher) return;
      this.launcher = this.shadowRoot.querySelector('.launcher');
      this.words = JSON.parse(this.querySelector('script').textContent);
      this.view = { phase: 'loading', busy: null, sure: null, notes: {}, born: {}, shown: { earn: false, history: false } };
      this.launcher.addEventListener('click', () => this.open());
    }

    /** Show the panel and fetch the shopper's figures. */
    async open() {
      this.launcher.ariaBusy = 'true';
      this.dialog ||= await this.build();
      this.launcher.ariaBusy = null;
      if (this.dialog.open) return;
      this.dialog.showModal();
      this.launcher.ariaExpanded = 'true';
      this.load();
    }

    say(word, values = {}) {
      return this.words[word].replace(/\[(\w+)\]/g, (whole, name) => values[name] ?? whole);
    }

    announce(sentence) {
      this.live.textContent = '';
      requestAnimationFrame(() => (this.live.textContent = sentence));
    }

    async build() {
      await new Promise((done) => {
        const link = make('link', { rel: 'stylesheet', href: this.dataset.style, load: done, error: done });
        this.shadowRoot.append(link);
      });
      this.live = make('p', { class: 'unseen', 'aria-live': 'polite' });
      this.content = make('div', { class: 'content' });
      const title = make('h2', { id: 'title', tabindex: '-1', autofocus: true }, this.say('title'));
      const close = make('button', { class: 'close', type: 'button', 'aria-label': this.say('close') });
      const dialog = make('dialog', { 'aria-labelledby': 'title' }, make('div', { class: 'head' }, title, close), this.content, this.live);
      close.addEventListener('click', () => dialog.close());
      dialog.addEventListener('click', (event) => event.target === dialog && dialog.close());
      dialog.addEventListener('keydown', (event) => event.key === 'Tab' && this.keepFocus(event));
      dialog.addEventListener('close', () => {
        clearTimeout(this.timer);
        this.launcher.ariaExpanded = 'false';
        this.launcher.focus();
      });
      addEventListener('online', () => dialog.open && this.view.phase === 'failed' && this.load());
      this.shadowRoot.append(dialog);
      return dialog;
    }

    /** Tab goes round inside the dialog. */
    keepFocus(event) {
      const stops = [...this.dialog.querySelectorAll('a, button, summary, select, input')].filter((stop) => stop.checkVisibility());
      const [first, last, at] = [stops[0], stops.at(-1), this.shadowRoot.activeElement];
      const isLeaving = event.shiftKey ? at === first || at.id === 'title' : at === last;
      if (!isLeaving) return;
      event.preventDefault();
      (event.shiftKey ? last : first).focus();
    }

    /** Ask our server through the shop. Throws a fault with `sentence`, and `answered` when asking again would not help. */
    async ask(path, method = 'GET', body) {
      const mark = path.includes('?') ? '&' : '?';
      const url = `${this.dataset.proxy}/${path}${mark}locale=${encodeURIComponent(this.dataset.locale)}`;
      const headers = body ? { 'Content-Type': 'application/json' } : {};
      let response, data;
      try {
        response = await fetch(url, {
          method,
          headers: { Accept: 'application/json', ...headers },
          body: body && JSON.stringify(body),
          cache: 'no-store',
          signal: AbortSignal.timeout(PATIENCE_MS),
        });
        data = await response.json();
      } catch {
        data = null;
      }
      if (response?.ok && data) return data;
      const { status = 0 } = response || {};
      const word = navigator.onLine === false ? 'offline' : 'failed';
      throw Object.assign(new Error(data?.error?.code || word), {
        word,
        sentence: data?.error?.message || this.say(`${word}_text`),
        answered: Boolean(data?.error) && status < 500 && status !== 429 && status !== 408,
      });
    }

    async load() {
      if (!this.view.summary) this.show({ phase: 'loading' });
      try {
        const summary = await this.ask('summary');
        this.show({ phase: 'ready', summary, slow: false });
        this.correctPage(summary);
        if (this.view.shown.history) this.loadHistory();
        this.poll(0);
      } catch (fault) {
        this.show({ phase: 'failed', fault, summary: null });
        this.announce(fault.sentence);
      }
    }

    /** The page may have been rendered before the last order: put the true figure in its place. */
    correctPage({ member }) {
      const figure = this.shadowRoot.querySelector('[data-figure]');
      if (figure) figure.textContent = member ? member.points_text : this.dataset.label;
      if (!member) return;
      for (const place of document.querySelectorAll('[data-laurel-balance]')) place.textContent = member.points_text;
    }

    async redeem(reward) {
      await this.wish(`reward-${reward.id}`, async (wish_id) => {
        const made = await this.ask('redemptions', 'POST', { reward_id: reward.id, wish_id });
        await this.load();
        this.greet(made);
      });
    }

    async join() {
      await this.wish('join', async (wish_id) => {
        await this.ask('actions', 'POST', { action: 'join', wish_id });
        await this.load();
        this.shadowRoot.getElementById('title').focus();
      });
    }

    /** Claim what an action gives, or hand in a birthday; the answer says what came of it. */
    async claim(way, more) {
      await this.wish(`way-${way.action}`, async (wish_id) => {
        const { message } = await this.ask('actions', 'POST', { action: way.action, ...more, wish_id });
        await this.load();
        this.announce(message);
      });
    }

    async giveBack(code) {
      if (this.view.sure !== code.id) {
        this.announce(this.say('give_back_sure'));
        return this.show({ sure: code.id });
      }
      await this.wish(code.id, async () => {
        await this.ask(`redemptions/${code.id}`, 'DELETE');
        await this.load();
        this.focusOn(`code-${code.id}`);
      });
    }

    /** Do one thing at a time; what went wrong is written beside the button that was pressed. */
    async wish(name, act) {
      if (this.view.busy) return;
      this.show({ busy: name, notes: {} });
      let notes = {};
      try {
        await act(wishes.take(name));
        wishes.drop(name);
      } catch (fault) {
        if (fault.answered) wishes.drop(name);
        notes = { [name]: fault.sentence };
        if (fault.message === 'not_signed_in') await this.load();
        this.announce(fault.sentence);
      }
      this.show({ busy: null, sure: null, notes });
    }

    /** Bring a fresh code into view. */
    greet(made) {
      this.announce(made.code ? this.say('ready', { code: made.code }) : this.say('preparing'));
      this.focusOn(`code-${made.id}`)?.scrollIntoView({ block: 'nearest' });
    }

    /** Look after codes in the making, less and less often, while the panel is open. */
    poll(times) {
      clearTimeout(this.timer);
      const waiting = this.view.summary?.codes.find((code) => code.state === 'preparing');
      if (!waiting || !this.dialog.open) return;
      if (times >= POLLS_MAX) return this.show({ slow: true });
      this.timer = setTimeout(async () => {
        const found = await this.ask(`redemptions/${waiting.id}`).catch(() => null);
        if (!found || found.state === 'preparing') return this.poll(times + 1);
        await this.load();
        this.greet(found);
      }, Math.min(800 * 1.5 ** times, 10000));
    }

    async loadHistory(before) {
      try {
        const page = await this.ask(before ? `history?before=${encodeURIComponent(before)}` : 'history');
        const earlier = before ? this.view.history.entries : [];
        this.show({ history: { entries: [...earlier, ...page.entries], next: page.next } });
      } catch (fault) {
        this.show({ history: { entries: [], next: null, ...this.view.history, fault, before } });
      }
    }

    /** Draw what is known now; focus and place stay where they were. */
    show(change) {
      Object.assign(this.view, change);
      const key = this.shadowRoot.activeElement?.dataset.key;
      const top = this.dialog.scrollTop;
      this.content.replaceChildren(...this.parts().filter(Boolean));
      this.content.ariaBusy = String(this.view.phase === 'loading');
      this.dialog.scrollTop = top;
      if (key && !this.focusOn(key)) this.shadowRoot.getElementById('title').focus({ preventScroll: true });
    }

    focusOn(key) {
      const found = this.content.querySelector(`[data-key="${CSS.escape(key)}"]`);
      found?.focus({ preventScroll: true });
      return found;
    }

    parts() {
      const { phase, summary } = this.view;
      if (phase === 'loading') return [this.skeleton()];
      if (phase === 'failed') return [this.failure()];
      return [
        summary.member ? this.balance(summary) : this.welcome(summary),
        ...summary.notices.map((notice) => make('p', { class: `notice ${notice.kind}` }, notice.sentence)),
        this.codes(summary.codes),
        this.rewards(summary),
        this.perks(summary.member?.tier),
        this.perks(summary.member?.tier?.next),
        this.challenges(summary.member),
        this.earn(summary),
        summary.referral && this.refer(summary.referral),
        summary.member && this.history(),
      ];
    }

    skeleton() {
      const bar = (name) => make('div', { class: `bone ${name}` });
      const rows = [bar('row'), bar('row'), bar('row')];
      return make('div', {}, make('p', { class: 'unseen', role: 'status' }, this.say('loading')), bar('hero'), ...rows);
    }

    failure() {
      const { word, sentence } = this.view.fault;
      const again = make('button', { type: 'button', class: 'main', 'data-key': 'retry', click: () => this.retry() }, this.say('retry'));
      return make('section', { class: `empty ${word}` }, make('h3', {}, this.say(word)), make('p', {}, sentence), again);
    }

    retry() {
      this.load();
      this.shadowRoot.getElementById('title').focus();
    }

    track(kind, share, attributes) {
      const fill = make('i');
      fill.style.inlineSize = `${Math.round(share * 100)}%`;
      return make('span', { class: kind, ...attributes }, fill);
    }

    /** How far it is to something: a bar, and the same as a sentence. */
    meter({ share, sentence, name = this.say('progress') }) {
      const bar = {
        role: 'progressbar',
        'aria-label': name,
        'aria-valuemin': 0,
        'aria-valuemax': 100,
        'aria-valuenow': Math.round(share * 100),
        'aria-valuetext': sentence,
      };
      return [this.track('bar', share, bar), make('p', { class: 'goal' }, sentence)];
    }

    tier({ sentence, next, keep }) {
      const stay = keep?.sentence;
      return [sentence && make('p', { class: 'tier' }, sentence), next && this.meter(next), stay && make('p', { class: 'aside' }, stay)].flat();
    }

    balance({ member, progress }) {
      return make(
        'section',
        { class: 'hero', 'aria-label': this.say('balance') },
        make('p', { class: 'figure' }, make('b', {}, member.figure), ' ', make('span', {}, member.unit)),
        ...member.asides.map((aside) => make('p', { class: 'aside' }, aside)),
        progress && this.meter(progress),
        member.tier && this.tier(member.tier),
      );
    }

    welcome({ may_join }) {
      const join = () => this.join();
      return make(
        'section',
        { class: 'hero' },
        make('p', { class: 'lead' }, this.say(may_join ? 'join_title' : 'guest')),
        make('p', { class: 'aside' }, this.say(may_join ? 'join_text' : 'guest_text')),
        may_join
          ? make('div', { class: 'acts' }, this.act('join', 'join', join, 'bright'))
          : make(
              'div',
              { class: 'acts' },
              make('a', { class: 'bright', href: this.dataset.signInUrl }, this.say('sign_in')),
              make('a', { class: 'plain', href: this.dataset.registerUrl }, this.say('register')),
            ),
        this.note('join'),
      );
    }

    /** A button for a wish: busy while it runs, still focusable so that the keyboard keeps its place. */
    act(name, word, click, kind = 'main', label = null) {
      const { busy } = this.view;
      const attributes = { type: click ? 'button' : 'submit', class: kind, click, 'data-key': `act-${name}` };
      if (busy) attributes['aria-disabled'] = 'true';
      if (busy === name) return make('button', { ...attributes, 'aria-busy': 'true' }, this.say('redeeming'));
      return make('button', { ...attributes, 'aria-label': label }, this.say(word));
    }

    note(name) {
      const sentence = this.view.notes[name];
      return sentence && make('p', { class: 'fault' }, sentence);
    }

    section(word, ...children) {
      return make('section', {}, make('h3', {}, this.say(word)), ...children);
    }

    codes(codes) {
      return codes.length ? this.section('codes', make('ul', {}, ...codes.map((code) => this.code(code)))) : null;
    }

    code(code) {
      const card = { class: `card code ${code.state}`, tabindex: '-1', 'data-key': `code-${code.id}` };
      if (code.state !== 'ready') {
        const text = code.state === 'returning' ? 'returning_text' : this.view.slow ? 'slow_text' : 'preparing_text';
        const rows = [make('b', {}, code.title), make('p', { class: 'waiting' }, this.say(code.state)), make('p', { class: 'small' }, this.say(text))];
        return make('li', card, ...rows);
      }
      const sure = this.view.sure === code.id;
      const label = sure ? null : this.say('give_back_named', code);
      const apply = `/discount/${encodeURIComponent(code.code)}?redirect=${encodeURIComponent(this.dataset.cartUrl)}`;
      const copy = { type: 'button', class: 'soft', 'data-key': `copy-${code.id}`, 'aria-label': this.say('copy_named', code) };
      return make(
        'li',
        card,
        make('p', { class: 'top' }, make('b', {}, code.title), make('span', { class: 'small' }, code.until_text)),
        make(
          'p',
          { class: 'ticket' },
          make('code', { dir: 'ltr' }, code.code),
          make('button', { ...copy, click: (event) => this.copy(code.code, event.target) }, this.say('copy')),
        ),
        make(
          'div',
          { class: 'acts' },
          make('a', { class: 'main', href: apply }, this.say('apply')),
          code.may_give_back && this.act(code.id, sure ? 'give_back_sure' : 'give_back', () => this.giveBack(code), 'quiet', label),
        ),
        this.note(code.id),
      );
    }

    async copy(code, button) {
      try {
        await navigator.clipboard.writeText(code);
      } catch {
        return getSelection().selectAllChildren(button.previousSibling);
      }
      button.textContent = this.say('copied');
      this.announce(this.say('copied'));
      setTimeout(() => (button.textContent = this.say('copy')), 2500);
    }

    rewards({ rewards, member }) {
      const list = make('ul', {}, ...rewards.map((reward) => this.reward(reward, member)));
      const empty = make('p', { class: 'small' }, this.say('rewards_empty'));
      return this.section(member ? 'rewards' : 'rewards_guest', rewards.length ? list : empty);
    }

    reward(reward, member) {
      const ready = reward.is_affordable && !reward.locked_text;
      const named = { title: reward.title, points: reward.points_text };
      const label = reward.points ? this.say('redeem_named', named) : `${this.say('redeem')}: ${reward.title}`;
      return make(
        'li',
        { class: ready ? 'card reward' : 'card reward far' },
        make('span', { class: 'value', 'aria-hidden': 'true' }, reward.kind === 'free_shipping' ? this.van() : reward.value_text),
        make(
          'div',
          {},
          make('b', {}, reward.title),
          make('p', { class: 'small' }, [reward.points_text, member && reward.missing_text].filter(Boolean).join(' · ')),
          make('p', { class: 'small' }, reward.conditions.join(' · ')),
          reward.locked_text && make('p', { class: 'small locked' }, reward.locked_text),
          member && !reward.is_affordable && !reward.locked_text && this.track('mini', reward.share),
        ),
        ready && this.act(`reward-${reward.id}`, 'redeem', () => this.redeem(reward), 'main', label),
        this.note(`reward-${reward.id}`),
      );
    }

    /** A delivery van, where an amount off would be nothing. */
    van() {
      const drawn = make('i', { class: 'van' });
      const clipPath = "path('M1 5h13v3h4l4 4v5h-2a3 3 0 0 1-6 0H9a3 3 0 0 1-6 0H1z')";
      Object.assign(drawn.style, { padding: '12px', background: 'currentColor', clipPath });
      return drawn;
    }

    /** What comes with a tier, the present or the next; one that brings nothing has no part. */
    perks(tier) {
      const perks = (tier?.perks || []).map(({ title }) => make('li', {}, make('div', {}, title)));
      return perks.length ? make('section', {}, make('h3', {}, tier.perks_title), make('ul', { class: 'ways' }, ...perks)) : null;
    }

    challenges(member) {
      const cards = (member?.challenges || []).map(({ title, sentence, points_text, progress, is_completed }) =>
        make(
          'li',
          { class: 'card' },
          make('b', {}, title),
          make('p', { class: 'small' }, [sentence, points_text].filter(Boolean).join(' · ')),
          !is_completed && this.track('mini', progress.share),
        ),
      );
      return cards.length ? this.section('challenges', make('ul', {}, ...cards)) : null;
    }

    fold(name, ...children) {
      const { shown } = this.view;
      const fold = make('details', { open: shown[name] }, make('summary', { 'data-key': `fold-${name}` }, make('h3', {}, this.say(name))), ...children);
      fold.addEventListener('toggle', () => {
        shown[name] = fold.open;
        if (fold.open && name === 'history' && !this.view.history) this.loadHistory();
      });
      return fold;
    }

    earn({ ways_to_earn: ways, member }) {
      if (!ways.length) return null;
      const list = make('ul', { class: 'ways' }, ...ways.map((way) => this.way(way)));
      return member ? this.fold('earn', list) : this.section('earn', list);
    }

    way(way) {
      const asked = { click: () => this.claimer(way), birthday: () => this.birthday(way) }[way.ask];
      const aside = way.aside && make('p', { class: 'small' }, way.aside);
      return make('li', {}, make('div', {}, way.sentence, aside, this.note(`way-${way.action}`)), asked?.());
    }

    /** A button, or a link where there is somewhere to go: following it is the claim. */
    claimer(way) {
      const button = this.act(`way-${way.action}`, 'claim', () => this.claim(way), 'soft', `${this.say('claim')}: ${way.sentence}`);
      if (!way.url) return button;
      const link = make('a', { href: way.url, target: '_blank', rel: 'noopener', click: () => this.claim(way) }, ...button.childNodes);
      for (const name of ['class', 'data-key', 'aria-label', 'aria-busy', 'aria-disabled']) {
        if (button.hasAttribute(name)) link.setAttribute(name, button.getAttribute(name));
      }
      return link;
    }

    birthday(way) {
      const { born } = this.view;
      const months = new Intl.DateTimeFormat(this.dataset.locale, { month: 'long', timeZone: 'UTC' });
      const options = [...Array(12).keys()].map((at) => make('option', { value: at + 1, selected: born.month === at + 1 }, months.format(Date.UTC(2024, at))));
      const none = make('option', { value: '', selected: !born.month }, this.say('month'));
      const keep = (event) => (born[event.target.name] = Number(event.target.value));
      const { timeZone: timezone } = Intl.DateTimeFormat().resolvedOptions();
      const send = (event) => {
        event.preventDefault();
        this.claim({ action: 'birthday' }, { month: born.month, day: born.day, timezone });
      };
      return make(
        'form',
        { class: 'acts', submit: send },
        make('select', { class: 'soft', name: 'month', required: true, 'data-key': `month-${way.action}`, 'aria-label': this.say('month'), change: keep }, none, options),
        make('input', { class: 'soft', name: 'day', type: 'number', min: 1, max: 31, required: true, value: born.day, placeholder: this.say('day'), 'aria-label': this.say('day'), 'data-key': `day-${way.action}`, input: keep }),
        this.act('way-birthday', 'save', null, 'soft'),
        this.note('way-birthday'),
      );
    }

    /** The member's own link, to be copied or handed to the device's share sheet. */
    refer({ path, sentence, so_far }) {
      const url = `${location.origin}${this.dataset.proxy}/${path}`;
      const copy = { type: 'button', class: 'soft', 'data-key': 'copy-link', click: (event) => this.copy(url, event.target) };
      const share = { type: 'button', class: 'main wide', click: () => navigator.share({ url }).catch(() => {}) };
      return this.section(
        'refer',
        make('p', { class: 'small' }, sentence),
        make('p', { class: 'ticket' }, make('code', { dir: 'ltr' }, ...url.split(/(?<=\/)/).flatMap((part) => [part, make('wbr')])), make('button', copy, this.say('copy'))),
        navigator.share && make('button', share, this.say('share')),
        so_far && make('p', { class: 'small' }, so_far),
      );
    }

    history() {
      const { history } = this.view;
      if (!history) return this.fold('history', make('div', { class: 'bone row' }));
      const { entries, next, fault, before } = history;
      const again = (word, from) => make('button', { type: 'button', class: 'soft wide', 'data-key': 'more', click: () => this.loadHistory(from) }, this.say(word));
      return this.fold(
        'history',
        entries.length ? make('ol', { class: 'past' }, ...entries.map((entry) => this.entry(entry))) : !fault && make('p', { class: 'small' }, this.say('history_empty')),
        fault && make('p', { class: 'fault' }, fault.sentence),
        fault ? again('retry', before) : next && again('more', next),
      );
    }

    entry(entry) {
      return make(
        'li',
        {},
        make('div', {}, make('b', {}, entry.title), make('p', { class: 'small' }, [entry.date_text, entry.aside].filter(Boolean).join(' · ')), ...(entry.why || []).map((said) => make('p', { class: 'small' }, said))),
        make('span', { class: entry.points > 0 ? 'more' : 'less', 'aria-hidden': 'true' }, entry.change_text),
        make('span', { class: 'unseen' }, entry.sentence),
      );
    }
  }

  customElements.define('laurel-panel', LaurelPanel);
})();
