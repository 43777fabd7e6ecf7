// Elements without markup: what came over the wire is text and nothing else.
import { ago, clock, dateTime, utc, when } from './format.js';

/**
 * @typedef {Node | string | number | null | undefined | false} Child
 * @typedef {Record<string, any> & {class?: string, on?: Record<string, (event: any) => void>, dataset?: Record<string, string>}} Props
 */

const SVG = 'http://www.w3.org/2000/svg';
const FORBIDDEN = new Set(['style', 'innerhtml', 'outerhtml', 'srcdoc']);

/** @param {Element} el @param {string} name @param {any} value */
function setProp(el, name, value) {
	if (FORBIDDEN.has(name.toLowerCase()) || /^on./i.test(name)) throw new TypeError(`${name} cannot be set this way`);
	if (name === 'value' || name === 'checked' || name === 'selected') /** @type {any} */ (el)[name] = value;
	else if (value === true) el.setAttribute(name, '');
	else el.setAttribute(name, String(value));
}

/** @param {Element} el @param {Props | null | undefined} props */
function setProps(el, props) {
	for (const [name, value] of Object.entries(props ?? {})) {
		if (value === undefined || value === null || value === false) continue;
		if (name === 'on') for (const [event, f] of Object.entries(value)) el.addEventListener(event, /** @type {any} */ (f));
		else if (name === 'dataset') Object.assign(/** @type {HTMLElement} */ (el).dataset, value);
		else setProp(el, name, value);
	}
}

/** @param {Element} el @param {(Child | Child[])[]} children */
function append(el, children) {
	for (const c of children) {
		if (Array.isArray(c)) append(el, c);
		else if (c !== null && c !== undefined && c !== false) el.append(typeof c === 'number' ? String(c) : c);
	}
}

/**
 * An element. Props are attributes (class, title, aria-*; false, null: left out) besides on: {click: f} and dataset; a style attribute
 * is refused, the policy would drop it: set el.style.x.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag @param {Props | null} [props] @param {...(Child | Child[])} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function h(tag, props, ...children) {
	const el = document.createElement(tag);
	append(el, children);
	setProps(el, props); // after its children: the value of a select is one of them
	return el;
}

/**
 * An element of a drawing.
 * @template {keyof SVGElementTagNameMap} T
 * @param {T} tag @param {Props | null} [props] @param {...(Child | Child[])} children
 * @returns {SVGElementTagNameMap[T]}
 */
export function svg(tag, props, ...children) {
	const el = document.createElementNS(SVG, tag);
	append(el, children);
	setProps(el, props);
	return el;
}

/** Writes only what changed, so that nothing is laid out or announced again. @param {Node} el @param {string} text */
export function setText(el, text) {
	if (el.textContent !== text) el.textContent = text;
}

/** The same for an attribute; null takes it away. @param {Element} el @param {string} name @param {string | null} value */
export function setAttr(el, name, value) {
	if (el.getAttribute(name) === value) return;
	if (value === null) el.removeAttribute(name);
	else el.setAttribute(name, value);
}

/** @param {HTMLElement} el @param {boolean} hidden */
export function setHidden(el, hidden) {
	if (el.hidden !== hidden) el.hidden = hidden;
}

/** A round mark in the colour of a level; the word stands beside it. @param {'good'|'warn'|'bad'|'info'|'quiet'|''} level */
export const dot = (level) => h('span', { class: `dot ${level}`.trim(), 'aria-hidden': 'true' });

const finite = (/** @type {unknown} */ at) => typeof at === 'number' && Number.isFinite(at) && Math.abs(at) <= 8.64e15;

/** @param {HTMLTimeElement} el @param {number | null | undefined} at */
function stampTime(el, at) {
	setAttr(el, 'datetime', finite(at) ? new Date(/** @type {number} */ (at)).toISOString() : null);
	setAttr(el, 'title', finite(at) ? utc(at) : null);
}

/**
 * A local time, UTC on hover. With {short} the time of day alone when it is today's.
 * @param {number | null | undefined} at milliseconds @param {{short?: boolean, clock?: boolean}} [how]
 */
export function timeEl(at, how = {}) {
	const el = h('time');
	stampTime(el, at);
	setText(el, how.clock ? clock(at) : how.short ? when(at, clockNow()) : dateTime(at));
	return el;
}

// --- times that keep themselves up to date ---

let clockNow = () => Date.now();
let timer = 0;

/** Whose "now" relative times use: the server's clock. @param {() => number} now */
export function setClock(now) {
	clockNow = now;
}

/** @param {HTMLTimeElement} el */
function drawRelative(el) {
	setText(el, ago(Number(el.dataset.at), clockNow()));
}

/** Brings every relative time in the document up to date; runs by itself each second. */
export function drawTimes() {
	if (document.hidden) return;
	for (const el of document.querySelectorAll('time[data-at]')) drawRelative(/** @type {HTMLTimeElement} */ (el));
}

/** "3 min ago", kept up to date while it is in the document; local time and UTC on hover. @param {number | null | undefined} at milliseconds */
export function relTime(at) {
	const el = h('time');
	setRelTime(el, at);
	if (!timer) {
		timer = window.setInterval(drawTimes, 1000);
		document.addEventListener('visibilitychange', drawTimes);
	}
	return el;
}

/** The same element for another time. @param {HTMLTimeElement} el @param {number | null | undefined} at */
export function setRelTime(el, at) {
	if (el.dataset.at === String(at)) return;
	el.dataset.at = String(at);
	stampTime(el, at);
	if (finite(at)) el.title = `${dateTime(at)} (${utc(at)})`;
	drawRelative(el);
}
