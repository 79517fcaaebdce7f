// The page runtime runs in browsers.
export const home = (): string | undefined => process.env.HOME;
