// core is pure: requests are a port.
export const ask = (): unknown => fetch('/api/jobs');
