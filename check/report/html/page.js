// The page of a run: cards of what got worse, and a table of all metrics that sorts
// and filters. Rows are made when they are wanted, charts when they are seen.
(function () {
	'use strict'
	const data = JSON.parse(document.getElementById('data').textContent)
	const $ = id => document.getElementById(id)
	const chunk = 60, mostCards = 12, printed = 300
	const words = {regressed: 'bad', suspect: 'odd', improved: 'good', missing: 'odd', waived: 'odd'}
	const all = data.metrics

	function make(parent, name, attributes, text) {
		const e = document.createElement(name)
		for (const key in attributes) e.setAttribute(key, attributes[key])
		if (text !== undefined) e.textContent = text
		if (parent) parent.append(e)
		return e
	}

	const status = m => data.statuses[m.s]
	const level = m => m.l || 'fail'
	const text = n => n ? data.texts[n - 1] : ''

	// series is a metric as report.Series, made from its short form.
	function series(m) {
		const start = m.k ? m.k[m.k.length - 1][0] : 0, levels = (m.k || []).map(k => ({from: k[0], to: k[1], value: k[2]}))
		const changes = (m.k || []).slice(1).map((k, i) => ({before: m.k[i][1], at: k[0], from: m.k[i][2], to: k[2], status: ['', 'regressed', 'improved'][k[3]]}))
		const point = (r, value, i) => ({run: r.id, commit: r.c, time: r.t, value, other: r.o === 1, old: i < start, level: i >= m.w && value !== null})
		return {
			name: m.n, unit: m.u, better: m.b || 'lower', status: status(m), levels, changes, limit: m.m,
			points: m.v ? data.runs.map((r, i) => point(r, m.v[i], i)) : [],
			head: (m.y || []).map((value, i) => i ? {run: '', value} : {...point(data.head, value), old: false}),
			band: m.j && {low: m.j[0], high: m.j[1]},
		}
	}
	const hash = /^[0-9a-f]{7,64}$/
	const link = p => data.commits && hash.test(p.commit || '') ? data.commits + p.commit : null

	// Charts and sparks are drawn when they come near the window.
	const drawings = new WeakMap()
	const seen = new IntersectionObserver(entries => {
		for (const e of entries) if (e.isIntersecting) drawNow(e.target)
	}, {rootMargin: '200px'})
	function drawNow(e) {
		const draw = drawings.get(e)
		if (!draw) return
		drawings.delete(e)
		seen.unobserve(e)
		draw(e)
	}
	function later(e, draw) {
		drawings.set(e, draw)
		seen.observe(e)
		return e
	}
	const chartOf = m => e => plumblineChart(e, series(m), {link, height: 240})

	function chip(parent, m) {
		make(parent, 'span', {class: 'chip ' + (words[status(m)] || 'same')}, status(m))
	}

	function facts(parent, m) {
		const dl = make(parent, 'dl', {class: 'facts'})
		const fact = (label, said) => {
			if (!said) return
			const div = make(dl, 'div', {})
			make(div, 'dt', {}, label)
			make(div, 'dd', {}, said)
		}
		fact('change', m.c && m.c + (m.d ? ', ' + m.d : ''))
		fact('expected', m.x)
		for (const [label, said] of m.f || []) fact(text(label), text(said))
	}

	// detail is all that is told of one metric.
	function detail(parent, m) {
		if (m.r) make(parent, 'p', {class: 'reason'}, text(m.r))
		if (m.v) later(make(parent, 'div', {class: 'chart'}), chartOf(m))
		facts(parent, m)
	}

	function card(m) {
		const e = make($('cards'), 'article', {class: 'card is-' + (words[status(m)] || 'same')})
		const top = make(e, 'div', {class: 'card-top'})
		make(top, 'h3', {}, m.n)
		const figures = make(top, 'p', {class: 'figures'})
		chip(figures, m)
		if (level(m) !== 'fail') make(figures, 'span', {class: 'muted'}, 'only ' + level(m) + 's')
		if (m.c) make(figures, 'strong', {class: words[status(m)] || ''}, m.c)
		make(figures, 'span', {}, [m.e, m.h].filter(Boolean).join(' → '))
		if (m.r) make(e, 'p', {class: 'reason'}, text(m.r))
		if (m.v) later(make(e, 'div', {class: 'chart'}), chartOf(m))
		const more = make(e, 'details', {})
		make(more, 'summary', {}, 'what the verdict stands on').append(make(null, 'span', {class: 'unseen'}, ', of ' + m.n))
		more.addEventListener('toggle', () => { if (!more.querySelector('dl')) facts(more, m) })
	}

	function cards() {
		const worse = all.filter(m => ['regressed', 'suspect'].includes(status(m)))
		if (!worse.length) return
		$('worse').hidden = false
		worse.slice(0, mostCards).forEach(card)
		if (worse.length > mostCards) $('more-worse').textContent = `and ${(worse.length - mostCards).toLocaleString('en')} more, in the table`
	}

	// The table.
	const body = document.querySelector('#metrics tbody')
	const state = {sort: 'status', down: false, only: new Set()}
	let shown = [], made = 0
	const away = m => typeof m.p === 'number' ? Math.abs(m.p) : m.d ? Infinity : -1
	const orders = {
		name: (a, b) => a.n < b.n ? -1 : a.n > b.n ? 1 : 0,
		status: (a, b) => a.at - b.at, // the order of importance that they come in
		change: (a, b) => away(b) - away(a) || a.at - b.at,
		level: (a, b) => ['fail', 'warn', 'off'].indexOf(level(a)) - ['fail', 'warn', 'off'].indexOf(level(b)) || a.at - b.at,
	}
	all.forEach((m, i) => { m.at = i; m.low = m.n.toLowerCase() })

	function select() {
		const parts = $('filter').value.toLowerCase().split(/\s+/).filter(Boolean), only = $('level').value
		shown = all.filter(m => (!state.only.size || state.only.has(m.s)) && (!only || level(m) === only) && parts.every(p => m.low.includes(p)))
		if (state.sort !== 'status' || state.down) shown.sort((a, b) => state.down ? orders[state.sort](b, a) : orders[state.sort](a, b))
		body.replaceChildren()
		made = 0
		$('metrics').setAttribute('aria-rowcount', shown.length + 1)
		$('shown').textContent = shown.length === all.length ? plural(all.length) : `${shown.length.toLocaleString('en')} of ${plural(all.length)}`
		rows(chunk)
	}
	const plural = n => n.toLocaleString('en') + (n === 1 ? ' metric' : ' metrics')

	function rows(n) {
		const part = document.createDocumentFragment()
		for (const m of shown.slice(made, made + n)) row(part, m, ++made)
		body.append(part)
		if (!shown.length) make(make(body, 'tr', {}), 'td', {colspan: '7', class: 'none'}, all.length ? 'no metric is like that' : 'the run has no metrics')
		$('more').hidden = made >= shown.length
		$('more').textContent = `show more: ${(shown.length - made).toLocaleString('en')} left`
	}

	function row(part, m, at) {
		const tr = make(part, 'tr', {'aria-rowindex': at + 1})
		const name = make(make(tr, 'th', {scope: 'row'}), 'button', {type: 'button', class: 'name', 'aria-expanded': 'false'}, m.n)
		chip(make(tr, 'td', {}), m)
		make(tr, 'td', {class: 'num'}, m.e || '')
		make(tr, 'td', {class: 'num'}, m.h || '')
		const change = make(tr, 'td', {class: 'num ' + (m.d && words[status(m)] ? words[status(m)] : '')}, m.c || '')
		if (m.d) make(change, 'span', {class: 'unseen'}, ', ' + m.d)
		const history = make(tr, 'td', {class: 'wide'})
		if (m.v) later(history, e => plumblineSpark(e, series(m)))
		make(tr, 'td', {class: 'wide'}, level(m))
		name.addEventListener('click', () => {
			const open = name.getAttribute('aria-expanded') === 'true'
			name.setAttribute('aria-expanded', String(!open))
			if (open) return tr.nextSibling.remove()
			const more = make(null, 'tr', {class: 'detail'})
			tr.after(more)
			detail(make(make(more, 'td', {colspan: '7'}), 'div', {class: 'detail-in'}), m)
		})
	}

	function sortBy(button) {
		const key = button.dataset.sort
		state.down = state.sort === key && !state.down
		state.sort = key
		for (const th of document.querySelectorAll('#metrics [aria-sort]')) th.setAttribute('aria-sort', 'none')
		button.closest('th').setAttribute('aria-sort', state.down ? 'descending' : 'ascending')
		select()
	}

	function tiles() {
		data.statuses.forEach((name, i) => {
			const n = all.reduce((sum, m) => sum + (m.s === i ? 1 : 0), 0)
			if (!n) return
			const b = make($('tiles'), 'button', {type: 'button', class: 'tile is-' + (words[name] || 'same'), 'aria-pressed': 'false', 'data-status': name})
			make(b, 'strong', {}, n.toLocaleString('en'))
			b.append(' ' + name)
			b.addEventListener('click', () => {
				if (!state.only.delete(i)) state.only.add(i)
				b.setAttribute('aria-pressed', String(state.only.has(i)))
				select()
			})
		})
	}

	function theme() {
		const b = $('theme'), dark = matchMedia('(prefers-color-scheme: dark)')
		let forced = null
		const show = () => { b.textContent = (forced === null ? dark.matches : forced) ? 'light' : 'dark'; b.setAttribute('aria-label', b.textContent + ' colours') }
		b.addEventListener('click', () => {
			forced = !(forced === null ? dark.matches : forced)
			document.documentElement.style.colorScheme = forced ? 'dark' : 'light'
			show()
		})
		dark.addEventListener('change', show)
		b.hidden = false
		show()
	}

	tiles()
	cards()
	select()
	theme()
	let typed = 0
	$('filter').addEventListener('input', () => { clearTimeout(typed); typed = setTimeout(select, all.length > 2000 ? 120 : 0) })
	$('level').addEventListener('change', select)
	for (const b of document.querySelectorAll('#metrics thead button')) b.addEventListener('click', () => sortBy(b))
	$('more').addEventListener('click', () => rows(chunk))
	new IntersectionObserver(entries => { if (entries.some(e => e.isIntersecting) && made < shown.length) rows(chunk) }, {rootMargin: '800px'}).observe($('more'))
	addEventListener('beforeprint', () => {
		if (made < printed) rows(Math.min(printed, shown.length) - made)
		for (const e of document.querySelectorAll('.chart, td.wide')) drawNow(e)
	})
})();
