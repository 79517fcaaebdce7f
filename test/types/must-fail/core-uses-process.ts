// core is pure: no Node globals.
export const home = (): string | undefined => process.env.HOME;
