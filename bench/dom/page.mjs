// In the page: makes window.bench, which shows one answer and says what that cost.
import { HTML_CONTESTANTS, JSON_CONTESTANTS } from './contestants.mjs';
import { seenOf, shouldBe } from './rows.mjs';

const tbody = document.querySelector('#rows');

/**
 * The page's script is driven as a page does it: its button asks, `fetch` is answered, and what is measured begins when it
 * reads the body and ends when all that it queued then is done.
 */
function ours() {
  let answer = '';
  let isReading;
  window.fetch = async () => new Response(answer, { headers: { 'Content-Type': 'application/json' } });
  for (const [home, name] of [
    [TextDecoder.prototype, 'decode'],
    [JSON, 'parse'],
  ]) {
    const real = home[name];
    home[name] = function (...args) {
      isReading?.();
      return real.apply(this, args);
    };
  }
  return (json) =>
    new Promise((done) => {
      answer = json;
      isReading = () => {
        isReading = undefined;
        const began = performance.now();
        // A second time: observers of the page are told after what had been queued before they had anything to hear of.
        queueMicrotask(() => queueMicrotask(() => done(began)));
      };
      document.querySelector('[data-vpo-refresh]').click();
    });
}

const makers = { ours, ...JSON_CONTESTANTS, ...HTML_CONTESTANTS };

window.bench = {
  begin(name) {
    this.show = makers[name](tbody);
  },
  /** Milliseconds of script alone, and with the layout that follows. */
  async time(answer) {
    void tbody.offsetHeight;
    const called = performance.now();
    const began = (await this.show(answer)) ?? called;
    const shown = performance.now();
    void tbody.offsetHeight;
    const drawn = performance.now();
    const start = typeof began === 'number' ? began : called;
    return { script: shown - start, all: drawn - start };
  },
  /** How many mutation records one answer makes in the table. */
  async count(answer) {
    let records = 0;
    const observer = new MutationObserver((list) => {
      records += list.length;
    });
    observer.observe(tbody, { subtree: true, childList: true, attributes: true, characterData: true });
    await this.show(answer);
    records += observer.takeRecords().length;
    observer.disconnect();
    return records;
  },
  /** Null when the table shows these jobs and nothing else, otherwise the first row that is wrong. */
  wrong(json) {
    const { jobs } = JSON.parse(json);
    const rows = [...tbody.querySelectorAll('tr')];
    if (rows.length !== jobs.length) return `${rows.length} rows instead of ${jobs.length}`;
    const at = rows.findIndex((row, i) => seenOf(row) !== shouldBe(jobs[i]));
    return at < 0 ? null : `row ${at}: ${seenOf(rows[at])} instead of ${shouldBe(jobs[at])}`;
  },
};
