// core is pure: time is a port.
export const later = (run: () => void): unknown => setTimeout(run, 1000);
