// A headless Chromium with a profile of its own, driven through its DevTools protocol.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { program } from './programs.mjs';

const flags = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
  '--disable-dev-shm-usage', '--remote-debugging-port=0',
];

class Page {
  constructor(browser, sessionId) {
    Object.assign(this, { browser, sessionId });
  }

  send(method, params) {
    return this.browser.send(method, params, this.sessionId);
  }

  // The value of an expression in the page, waited for if it is a promise.
  async value(expression) {
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  async until(expression, seconds = 15) {
    const end = Date.now() + seconds * 1000;
    while (!(await this.value(expression))) {
      if (Date.now() > end) throw new Error(`the page did not come to: ${expression}\n${await this.value('document.body.innerText')}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  // As a person does: a click on what the selector finds, text by the keyboard, Enter.
  async type(selector, text) {
    const { x, y } = await this.value(`(({ x, y, width, height }) => ({ x: x + width / 2, y: y + height / 2 }))(document.querySelector(${JSON.stringify(selector)}).getBoundingClientRect())`);
    for (const type of ['mousePressed', 'mouseReleased']) await this.send('Input.dispatchMouseEvent', { type, x, y, button: 'left', clickCount: 1 });
    await this.send('Input.insertText', { text });
    for (const type of ['keyDown', 'keyUp']) await this.send('Input.dispatchKeyEvent', { type, key: 'Enter', code: 'Enter', text: type === 'keyDown' ? '\r' : undefined, windowsVirtualKeyCode: 13 });
  }
}

export async function start() {
  const profile = mkdtempSync(path.join(tmpdir(), 'chromium-'));
  const child = spawn(program('chromium', 'chromium'), [...flags, `--user-data-dir=${profile}`, 'about:blank'], { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, HOME: profile } });
  const ended = once(child, 'exit');
  let told = '';
  const { promise, resolve, reject } = Promise.withResolvers();
  child.stderr.setEncoding('utf8').on('data', (text) => {
    told += text;
    const url = told.match(/DevTools listening on (ws:\S+)/)?.[1];
    if (url) resolve(url);
  });
  ended.then(() => reject(new Error(`chromium ended at once:\n${told}`)));
  const socket = new WebSocket(await promise);
  await new Promise((resolve) => socket.addEventListener('open', resolve));

  let last = 0;
  const waiting = new Map();
  socket.addEventListener('message', ({ data }) => {
    const { id, result, error } = JSON.parse(data);
    const caller = waiting.get(id);
    waiting.delete(id);
    if (error) caller?.reject(new Error(error.message));
    else caller?.resolve(result);
  });
  const browser = {
    send(method, params = {}, sessionId = undefined) {
      socket.send(JSON.stringify({ id: ++last, method, params, sessionId }));
      const caller = Promise.withResolvers();
      waiting.set(last, caller);
      return caller.promise;
    },
    async open(url) {
      const { targetId } = await browser.send('Target.createTarget', { url });
      const { sessionId } = await browser.send('Target.attachToTarget', { targetId, flatten: true });
      const page = new Page(browser, sessionId);
      await page.send('Emulation.setFocusEmulationEnabled', { enabled: true });
      await page.until('document.readyState === "complete"');
      return page;
    },
    async close() {
      await Promise.race([browser.send('Browser.close').catch(() => {}), ended]);
      socket.close();
      await ended;
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  return browser;
}
