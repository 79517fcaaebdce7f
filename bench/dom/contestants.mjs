// In the page: who brings the table up to date, each as its documentation says, with keyed rows. A contestant is a function
// of the table's body that returns what shows an answer: JSON, or for those that want markup the server's HTML.
import Alpine from 'alpinejs';
import htmx from 'htmx.org';
import { Idiomorph } from 'idiomorph';
import { html, render as renderLit } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import morphdom from 'morphdom';
import { Component, h, render as renderPreact } from 'preact';
import { optimal } from './optimal.mjs';

const cells = (job) => [
  h('td', null, h('a', { href: `/jobs/${job.id}` }, job.name)),
  h('td', null, job.type),
  h('td', null, h('span', null, job.status)),
  h(
    'td',
    null,
    h('progress', { max: '100', value: job.percent }),
    h('span', null, `${job.done} of ${job.total}`),
  ),
  h('td', null, job.created),
  h('td', null, job.duration),
  h('td', null, job.attempt),
  h('td', null, job.message),
];
const Row = ({ job }) => h('tr', { 'data-status': job.status }, ...cells(job));
class MemoRow extends Component {
  shouldComponentUpdate({ job }) {
    return Object.keys(job).some((name) => job[name] !== this.props.job[name]);
  }
  render({ job }) {
    return h('tr', { 'data-status': job.status }, ...cells(job));
  }
}
const preact = (row) => (tbody) => (json) =>
  renderPreact(
    JSON.parse(json).jobs.map((job) => h(row, { key: job.id, job })),
    tbody,
  );

const litRow = (job) =>
  html`<tr data-status=${job.status}><td><a href=${`/jobs/${job.id}`}>${job.name}</a></td><td>${job.type}</td><td><span>${job.status}</span></td><td><progress max="100" value=${job.percent}></progress><span>${job.done} of ${job.total}</span></td><td>${job.created}</td><td>${job.duration}</td><td>${job.attempt}</td><td>${job.message}</td></tr>`;

function alpine(tbody) {
  tbody.setAttribute('x-data', '{ jobs: [] }');
  tbody.innerHTML = `<template x-for="job in jobs" :key="job.id"><tr :data-status="job.status"><td><a :href="'/jobs/' + job.id" x-text="job.name"></a></td><td x-text="job.type"></td><td><span x-text="job.status"></span></td><td><progress max="100" :value="job.percent"></progress><span x-text="job.done + ' of ' + job.total"></span></td><td x-text="job.created"></td><td x-text="job.duration"></td><td x-text="job.attempt"></td><td x-text="job.message"></td></tr></template>`;
  Alpine.start();
  return (json) => {
    Alpine.$data(tbody).jobs = JSON.parse(json).jobs;
    return Alpine.nextTick();
  };
}

export const JSON_CONTESTANTS = {
  optimal,
  preact: preact(Row),
  memo: preact(MemoRow),
  lit: (tbody) => (json) =>
    renderLit(
      repeat(JSON.parse(json).jobs, (job) => job.id, litRow),
      tbody,
    ),
  alpine,
};

export const HTML_CONTESTANTS = {
  innerHTML: (tbody) => (text) => {
    tbody.innerHTML = text;
  },
  morphdom: (tbody) => (text) => morphdom(tbody, `<tbody id="rows">${text}</tbody>`),
  idiomorph: (tbody) => (text) => Idiomorph.morph(tbody, text, { morphStyle: 'innerHTML' }),
  htmx: (tbody) => (text) => htmx.swap({ sourceElement: tbody, target: tbody, text, swap: 'innerMorph' }),
};
