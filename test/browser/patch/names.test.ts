import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { mount } from './support';

const folder = 'src/browser';
const sources = readdirSync(folder).filter((name) => name.endsWith('.ts'));
const names = new Set(
  sources.flatMap((name) => readFileSync(`${folder}/${name}`, 'utf8').match(/data-vpo-[a-z]+/g) ?? []),
);

describe('attributes that other files of the runtime read', () => {
  it.each([...names].filter((name) => !/-(attr|each)$/.test(name)))('%s is not an unknown name', (name) => {
    expect(mount(`<main><p ${name}="x"></p></main>`).warned).toEqual([]);
  });
});
