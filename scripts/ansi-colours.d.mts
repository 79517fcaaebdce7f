export function luminance(rgb: readonly number[]): number;
export function contrast(one: readonly number[], other: readonly number[]): number;
export function colour(index: number): number[];
export function sheet(): string;
