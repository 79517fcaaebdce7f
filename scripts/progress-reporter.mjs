// A vitest reporter whose lines say how far a run is: "[3/24] core test/core/delay.test.ts: 18 passed".
// The sample job of `npm start` shows its progress from them.
export default class ProgressReporter {
  #total = 0;
  #done = 0;
  #tests = { passed: 0, failed: 0, skipped: 0 };

  onTestRunStart(specifications) {
    this.#total = specifications.length;
    console.log(`${this.#total} test files`);
  }

  onTestCaseResult(test) {
    const { state, errors } = test.result();
    if (state in this.#tests) this.#tests[state] += 1;
    console.log(`  ${state === 'passed' ? '✓' : '✗'} ${test.fullName}`);
    for (const error of errors ?? []) console.log(error.stack ?? error.message);
  }

  onTestModuleEnd(module) {
    this.#done += 1;
    const tests = [...module.children.allTests()];
    const passed = tests.filter((test) => test.result().state === 'passed').length;
    console.log(
      `[${this.#done}/${this.#total}] ${module.project.name} ${module.relativeModuleId}: ${passed} of ${tests.length} passed`,
    );
  }

  onTestRunEnd() {
    const { passed, failed, skipped } = this.#tests;
    console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  }
}
