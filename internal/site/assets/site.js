// The page of a suite: its list of metrics with a search, and their charts.
(function (root) {
	'use strict'
	const atOnce = 200 // rows more
	const parts = new Map() // data files by number: what is to be done with their rows, or the rows
	const by = id => document.getElementById(id)
	let data, shown = atOnce, wanted = ''

	// plumblineData is what the data files call.
	root.plumblineData = (kind, number, d) => {
		if (kind === 'list') {
			data = d
			start()
			return
		}
		const waiting = parts.get(number) || []
		parts.set(number, d)
		for (const then of waiting) then(d)
	}

	// rowsOf reads a data file once.
	function rowsOf(number, then) {
		const had = parts.get(number)
		if (had && had.waits) return void had.push(then)
		if (had) return then(had)
		const waiting = [then]
		waiting.waits = true
		parts.set(number, waiting)
		const s = document.createElement('script')
		s.src = 'data/' + number + '.js'
		s.onerror = () => { parts.delete(number); waiting.forEach(t => t(null)) }
		document.head.append(s)
	}

	function make(parent, name, attributes, text) {
		const e = document.createElement(name)
		for (const key in attributes) e.setAttribute(key, attributes[key])
		if (text !== undefined) e.textContent = text
		parent.append(e)
		return e
	}

	const orders = {
		name: () => 0, // as they come
		change: (a, b) => Math.abs(b.change || 0) - Math.abs(a.change || 0),
		newest: (a, b) => (b.shifted || 0) - (a.shifted || 0),
		value: (a, b) => (b.number === null ? -Infinity : b.number) - (a.number === null ? -Infinity : a.number) || 0,
	}

	function matching() {
		const words = by('search').value.toLowerCase().split(/\s+/).filter(Boolean)
		const found = data.metrics.filter(m => (!wanted || m.slug === wanted) && words.every(w => m.name.toLowerCase().includes(w)))
		return by('sort').value === 'name' ? found : found.sort(orders[by('sort').value])
	}

	function paint() {
		const found = matching(), list = by('list')
		list.replaceChildren()
		by('found').textContent = found.length + ' of ' + data.metrics.length + ' metrics'
		found.slice(0, shown).forEach(m => row(list, m))
		by('more').hidden = found.length <= shown
		if (wanted && list.firstElementChild) list.firstElementChild.open = true
	}

	function row(list, m) {
		const d = make(list, 'details', {})
		const s = make(d, 'summary', {})
		make(s, 'span', {class: 'name'}, m.name)
		if (m.change !== undefined) {
			const sign = m.change > 0 ? '+' : ''
			make(s, 'span', {class: 'num ' + (m.worse ? 'bad' : 'good')}, sign + m.change.toPrecision(3) + ' % at run ' + m.shifted)
		}
		make(s, 'span', {class: 'num'}, m.value)
		d.addEventListener('toggle', () => {
			if (!d.open || d.children.length > 1) return
			const box = make(d, 'div', {class: 'box'})
			rowsOf(m.part, rows => {
				if (!rows) return void make(box, 'p', {class: 'bad'}, 'The data of this metric could not be loaded.')
				chart(box, rows[m.at])
				if (m.plain) return
				const p = make(box, 'p', {})
				make(p, 'img', {src: 'badges/' + m.slug + '.svg', alt: 'badge'})
				make(p, 'a', {href: 'charts/' + m.slug + '.svg'}, 'drawing')
				make(p, 'a', {href: 'badges/' + m.slug + '.svg'}, 'badge')
			})
		})
	}

	function chart(box, r) {
		const points = data.runs.map((run, i) => ({...run, value: r.values[i]}))
		root.plumblineChart(make(box, 'div', {}), {...r, points}, {
			link: p => data.address && p.commit ? data.address + '/commit/' + encodeURIComponent(p.commit) : '',
		})
	}

	function follow() {
		const slug = decodeURIComponent(root.location.hash.slice(1))
		wanted = data.metrics.some(m => m.slug === slug) ? slug : ''
		if (wanted) by('search').value = ''
		paint()
	}

	function start() {
		const again = () => { shown = atOnce; wanted = ''; paint() }
		by('search').addEventListener('input', again)
		by('sort').addEventListener('change', again)
		by('more').addEventListener('click', () => { shown += atOnce; paint() })
		by('search').form.addEventListener('submit', e => e.preventDefault())
		root.addEventListener('hashchange', follow)
		data.metrics = data.metrics || []
		follow()
	}
})(globalThis)
