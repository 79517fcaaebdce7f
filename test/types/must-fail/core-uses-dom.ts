// core is pure: no DOM names.
export const title = (): string => document.title;
