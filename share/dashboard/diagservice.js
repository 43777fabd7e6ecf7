// One service: how it does, what ails it, its metrics over the time seen, who needs it and whom it needs, and what changed when.
import { lineView } from './dataline.js';
import { LOOKS, flowText, metricText, metricTitle } from './diagread.js';
import { createAnomalies, createFeed, createScore, createStatus, serviceLink } from './diagtable.js';
import { h, relTime, setAttr, setHidden, setRelTime, setText } from './dom.js';
import { count, plural } from './format.js';

/** @typedef {import('./diagmodel.js').Picture} Picture @typedef {import('./diagread.js').Service} Service @typedef {import('./diagread.js').Edge} Edge */

const NEIGHBOURS_MAX = 100, CHANGES_MAX = 200;

/** Those at the other end of its edges. @param {string} label @param {(id: string) => string} nameOf */
function createNeighbours(label, nameOf) {
	const list = h('ul', { class: 'diag-list', 'aria-label': label }), note = h('p', { class: 'quiet' });
	let drawn = '';
	/** @param {Edge[]} edges @param {(e: Edge) => string} end @param {Picture} picture */
	function draw(edges, end, picture) {
		const items = edges.slice(0, NEIGHBOURS_MAX).map((e) => {
			const id = end(e), s = picture.byId.get(id);
			return { id, name: nameOf(id), status: s?.status ?? 'unknown', word: s ? s.status : 'not measured', flow: e.measured ? flowText(e) : 'traffic not measured', abnormal: e.abnormal };
		});
		const key = JSON.stringify(items);
		if (key === drawn) return;
		drawn = key;
		list.replaceChildren(...items.map((n) => {
			const status = createStatus();
			status.draw(LOOKS[n.status], n.word);
			return h('li', null, h('p', { class: 'diag-head' }, status.el, h('strong', null, serviceLink(n.id, n.name)), n.abnormal ? h('span', { class: 'warn' }, 'abnormal traffic') : null, h('span', { class: 'quiet' }, n.flow)));
		}));
		setText(note, edges.length ? (edges.length > items.length ? `and ${count(edges.length - items.length)} more` : '') : 'None is known.');
		setHidden(note, !note.textContent);
	}
	return { el: h('section', { class: 'card' }, h('h3', null, label), note, list), draw };
}

/** @param {ReturnType<typeof import('./diagmodel.js').createPast>} past */
function createCharts(past) {
	const el = h('div', { class: 'diag-charts' });
	/** @type {Map<string, ReturnType<typeof lineView>>} */
	let views = new Map();
	let drawn = '';
	/** @param {string} id */
	function draw(id) {
		const p = past.of(id), key = `${id} ${p?.at.length} ${p?.at.at(-1)} ${p?.metrics.size}`;
		if (key === drawn) return;
		if (!drawn.startsWith(`${id} `)) views = new Map();
		drawn = key;
		for (const [name, values] of p && p.at.length > 1 ? p.metrics : []) {
			const whole = [...values, ...Array(Math.max(0, (p?.at.length ?? 0) - values.length)).fill(null)];
			if (whole.filter((v) => v !== null).length < 2) continue;
			/** @type {import('./datashape.js').Line} */
			const line = { kind: 'line', name, label: metricTitle(name), axis: 'time', x: p?.at ?? [], series: [{ name, label: '', values: whole, text: metricText }], more: 0, cut: 0 };
			line.series[0].label = line.label;
			const view = views.get(name);
			if (view) view.update(line);
			else views.set(name, lineView(line));
		}
		const els = [...views.values()].map((v) => v.el);
		if (els.length !== el.children.length || els.some((e, i) => e !== el.children[i])) el.replaceChildren(...els);
	}
	return { el, draw };
}

/** @param {{nameOf: (id: string) => string, past: ReturnType<typeof import('./diagmodel.js').createPast>, isOld: (s: Service) => boolean}} o */
export function createServicePage({ nameOf, past, isOld }) {
	const title = h('h2', { class: 'container-name', dir: 'auto', tabindex: -1 }), status = createStatus(), score = createScore(), about = h('span', { class: 'quiet' });
	const seen = relTime(null), seenBox = h('span', { class: 'quiet' }, 'last seen ', seen), words = h('p'), gone = h('p', { class: 'reason', hidden: true }), figures = h('dl', { class: 'figures' });
	const anomalies = createAnomalies(true), needs = createNeighbours('Needs', nameOf), used = createNeighbours('Needed by', nameOf), charts = createCharts(past), feed = createFeed(nameOf);
	const waiting = h('p', { class: 'quiet' }, 'Its metrics are drawn here as they come, from the moment this page was opened.');
	const el = h('article', { class: 'container-page diag-service', hidden: true }, h('p', null, h('a', { href: '/diagnostics', class: 'back' }, '← All services')),
		h('section', { class: 'card' }, h('div', { class: 'container-head' }, title, status.el, score.el, about, seenBox), gone, words, figures),
		h('section', { class: 'card' }, h('h3', null, 'Anomalies'), anomalies.el),
		h('section', null, h('h3', { class: 'visually-hidden' }, 'Metrics over the time seen'), waiting, charts.el),
		h('div', { class: 'diag-two' }, needs.el, used.el), h('section', { class: 'card' }, h('h3', null, 'What changed'), feed.el));

	/** @param {Service['metrics']} metrics */
	function drawFigures(metrics) {
		while (figures.children.length > metrics.length) figures.lastElementChild?.remove();
		metrics.forEach(([name, v], i) => {
			if (i >= figures.children.length) figures.append(h('div', null, h('dt'), h('dd')));
			setText(figures.children[i].children[0], metricTitle(name));
			setText(figures.children[i].children[1], metricText(name, v));
		});
	}
	return {
		el,
		/** @param {string} id @param {Picture} picture @param {import('./diagmodel.js').Change[]} changes */
		draw(id, picture, changes) {
			const s = picture.byId.get(id), into = picture.edges.filter((e) => e.target === id), out = picture.edges.filter((e) => e.source === id);
			const mine = changes.filter((c) => c.ids.includes(id)).slice(0, CHANGES_MAX), named = into.length + out.length > 0;
			setText(title, nameOf(id));
			setText(about, [s?.type, s && s.name !== id ? id : ''].filter(Boolean).join(' · '));
			status.draw(LOOKS[s?.status ?? 'unknown'], s ? (s.judged ? s.status : 'not judged') : named ? 'not measured' : 'not known');
			score.draw(s?.score ?? null, LOOKS[s?.status ?? 'unknown']);
			setHidden(score.el, !s || s.score === null);
			setRelTime(seen, s?.at ?? null);
			setHidden(seenBox, !s || s.at === null);
			setText(gone, s ? (isOld(s) ? 'It was not seen of late, while others were.' : '') : named ? 'It is only named as a dependency: nothing measures it.' : 'No service of this id is known.');
			setHidden(gone, !gone.textContent);
			el.classList.toggle('old', Boolean(s && isOld(s)));
			setText(words, s?.anomalies.length ? `${plural(s.anomalies.length, 'thing')} amiss: ${s.anomalies.join(', ')}` : '');
			setHidden(words, !words.textContent);
			setAttr(figures, 'class', `figures${s && isOld(s) ? ' stale' : ''}`);
			drawFigures(s?.metrics ?? []);
			anomalies.draw(picture.anomalies.filter((a) => a.id === id), s?.judged ? 'None now.' : 'None is known.');
			needs.draw(out, (e) => e.target, picture);
			used.draw(into, (e) => e.source, picture);
			charts.draw(id);
			setHidden(waiting, charts.el.children.length > 0 || !s);
			feed.draw(mine, 'Nothing changed, as far back as is known.');
		},
		focus: () => title.focus({ preventScroll: true }),
	};
}
