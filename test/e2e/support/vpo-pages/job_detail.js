// A job page in the manner of VPO: one poller for the job, one for its log, one indicator for both.
(() => {
  const { create, loadConfig, onCleanup } = window.VPOPolling;
  const ENDED = ['completed', 'failed', 'cancelled'];
  const { interval, logInterval } = loadConfig();
  let offset = 0;

  async function get(path, signal) {
    const response = await fetch(path, { signal });
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    return response.json();
  }

  const logs = create({
    interval: logInterval,
    fetchFn: async ({ signal }) => {
      const { lines } = await get(`/api/jobs/1/logs?lines=500&offset=${offset}`, signal);
      offset += lines.length;
      document.getElementById('job-logs').append(lines.map((line) => `${line}\n`).join(''));
    },
  });
  const job = create({
    interval,
    fetchFn: async ({ signal }) => {
      const { status } = await get('/api/jobs/1', signal);
      document.getElementById('job-status').textContent = status;
      if (ENDED.includes(status)) job.stop();
    },
  });
  onCleanup(() => {
    job.cleanup();
    logs.cleanup();
  });
  job.start();
  logs.start();
  Object.assign(window, { job, logs });
})();
