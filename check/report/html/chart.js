// plumblineChart(element, series, options) draws the history of a metric in an
// element and returns {draw, zoom, destroy}. The series is report.Series as JSON;
// nothing is computed from it but places. Options, all of them optional:
//   height    in pixels (260)
//   format    (value, unit) => text
//   when      (point) => text, of a point's run
//   link      (point) => address of its commit or run, or nothing
//   legend    false: none
// Drag, pinch, the wheel with Ctrl or in a focused chart, and the keys + - 0 zoom;
// the arrow keys walk from run to run, with Shift they move the window.
(function (root) {
	'use strict'
	const svgNames = 'http://www.w3.org/2000/svg'
	const margin = {top: 14, right: 14, bottom: 24, left: 64}
	const manyPoints = 300 // in the window: more have no circles

	function make(parent, name, attributes, text) {
		const e = parent instanceof SVGElement || name === 'svg' ? document.createElementNS(svgNames, name) : document.createElement(name)
		for (const key in attributes) e.setAttribute(key, attributes[key])
		if (text !== undefined) e.textContent = text
		parent.append(e)
		return e
	}

	function figures(x, n) {
		if (x === null || x === undefined || !isFinite(x)) return '–'
		const size = Math.abs(x)
		if (size !== 0 && (size < 1e-4 || size >= 1e15)) return String(+x.toPrecision(n)).replace('-', '−')
		return (+x.toPrecision(n)).toLocaleString('en', {maximumSignificantDigits: 17}).replace('-', '−')
	}
	const plainFormat = (x, unit) => figures(x, 5) + (unit ? ' ' + unit : '')
	const day = time => time ? new Date(time).toLocaleDateString('en-GB', {day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC'}) : ''
	const minute = time => day(time) + ' ' + new Date(time).toISOString().slice(11, 16) + ' UTC'

	// ticks are round numbers from low to high, about n of them.
	function ticks(low, high, n) {
		const raw = (high - low) / n, power = 10 ** Math.floor(Math.log10(raw))
		const step = [1, 2, 5, 10].map(x => x * power).find(x => x >= raw) || 10 * power
		const all = []
		for (let k = Math.ceil(low / step); k * step <= high * (1 + 1e-12) && all.length < 50; k++) all.push(k * step)
		return all
	}

	// The runs of a series and its looks at the head, as one row of dots.
	function dots(series) {
		const all = series.points.map((p, i) => ({...p, kind: 'run', place: i}))
		;(series.head || []).forEach((p, i) => all.push({...p, kind: i ? 'again' : 'head', place: series.points.length + i}))
		return all
	}

	function words(dot, series, o) {
		const kind = {run: 'run', head: 'the head run', again: 're-run of the head'}[dot.kind]
		const said = [dot.value === null || dot.value === undefined ? 'not measured' : o.format(dot.value, series.unit)]
		const change = (series.changes || []).find(c => c.at === dot.place)
		if (change) {
			said.push('the level changes here, ' + o.format(change.from, series.unit) + ' → ' + o.format(change.to, series.unit) +
				(change.creep ? ', in small steps' : '') + (change.back ? ', and came back' : ''))
		}
		if (dot.other) said.push('on another kind of machine')
		if (dot.old) said.push('before the last lasting shift')
		return {title: [kind + (dot.run ? ' ' + dot.run.slice(0, 16) : ''), dot.commit ? 'commit ' + dot.commit.slice(0, 10) : ''].filter(Boolean).join(', '), said, when: o.when(dot)}
	}

	class Chart {
		constructor(element, series, options) {
			this.o = {height: 260, format: plainFormat, when: p => p.time ? minute(p.time) : '', link: () => null, ...options}
			this.element = element
			element.replaceChildren()
			this.box = make(element, 'div', {class: 'pl-chart', tabindex: '0', role: 'group'})
			this.svg = make(this.box, 'svg', {'aria-hidden': 'true', focusable: 'false'})
			this.tip = make(this.box, 'div', {class: 'pl-tip', 'aria-hidden': 'true'})
			this.tip.hidden = true
			this.legend = make(element, 'ul', {class: 'pl-legend'})
			this.said = make(element, 'p', {class: 'pl-said', 'aria-live': 'polite'})
			this.draw(series)
			this.listen()
		}

		draw(series) {
			this.series = series
			this.dots = dots(series)
			this.last = Math.max(this.dots.length - 1, 1)
			this.from = 0
			this.to = this.last
			this.at = -1
			this.box.setAttribute('aria-label', this.label())
			this.paint()
			this.paintLegend()
		}

		label() {
			const s = this.series, known = s.points.filter(p => p.value !== null).length
			let text = `History of ${s.label || s.name}: ${known} ${known === 1 ? 'run' : 'runs'}`
			const level = (s.levels || []).at(-1), head = (s.head || [])[0]
			if (level) text += `, at a level of ${this.o.format(level.value, s.unit)}`
			if (s.changes && s.changes.length) text += ` after ${s.changes.length} ${s.changes.length === 1 ? 'change' : 'changes'}`
			if (head && head.value !== null) text += `; the head run is ${this.o.format(head.value, s.unit)}`
			return text + '. Arrow keys walk through the runs, plus and minus zoom, 0 shows all.'
		}

		// The places on the screen.
		x(place) { return margin.left + (place - this.from + 0.5) / (this.to - this.from + 1) * this.plotWidth }
		y(value) { return margin.top + (1 - (value - this.low) / (this.high - this.low)) * this.plotHeight }
		place(x) { return (x - margin.left) / this.plotWidth * (this.to - this.from + 1) - 0.5 + this.from }
		sees(place) { return place >= this.from - 0.5 && place <= this.to + 0.5 }

		scale() {
			const s = this.series, values = []
			const take = v => { if (v !== null && v !== undefined && isFinite(v)) values.push(v) }
			for (const d of this.dots) if (this.sees(d.place)) take(d.value)
			for (const l of s.levels || []) if (l.to >= this.from && l.from <= this.to) take(l.value)
			let low = Math.min(...values), high = Math.max(...values)
			if (!values.length) { low = 0; high = 1 }
			// Band and limit count where they do not squeeze the values.
			const room = Math.max(high - low, Math.abs(high) * 0.02)
			for (const v of [s.band && s.band.low, s.band && s.band.high, s.limit]) {
				if (typeof v === 'number' && v > high && v < high + 2 * room) high = v
				if (typeof v === 'number' && v < low && v > low - 2 * room) low = v
			}
			const pad = (high - low) * 0.08 || Math.abs(high) * 0.1 || 1
			this.low = low >= 0 && low - pad < 0 ? 0 : low - pad
			this.high = high + pad
		}

		paint() {
			const width = Math.max(this.box.clientWidth, 200), height = this.o.height
			this.plotWidth = width - margin.left - margin.right
			this.plotHeight = height - margin.top - margin.bottom
			this.scale()
			this.svg.setAttribute('viewBox', `0 0 ${width} ${height}`)
			this.svg.setAttribute('height', height)
			this.svg.replaceChildren()
			this.paintAxes(width, height)
			const id = 'pl-clip-' + (Chart.count = (Chart.count || 0) + 1)
			make(make(make(this.svg, 'defs'), 'clipPath', {id}), 'rect', {x: margin.left, y: margin.top - 8, width: this.plotWidth, height: this.plotHeight + 16})
			this.plot = make(this.svg, 'g', {'clip-path': `url(#${id})`})
			this.paintBand()
			this.paintChanges()
			this.paintValues()
			this.paintLevels()
			this.paintHead()
			this.cursor = make(this.plot, 'line', {class: 'pl-cursor', y1: margin.top, y2: margin.top + this.plotHeight, visibility: 'hidden'})
			this.range = make(this.plot, 'rect', {class: 'pl-range', y: margin.top, height: this.plotHeight, visibility: 'hidden'})
			if (this.at >= 0) this.point(this.at, false)
		}

		paintAxes(width, height) {
			for (const v of ticks(this.low, this.high, Math.max(2, this.plotHeight / 45))) {
				const y = this.y(v)
				make(this.svg, 'line', {class: 'pl-grid', x1: margin.left, x2: width - margin.right, y1: y, y2: y})
				make(this.svg, 'text', {class: 'pl-axis', x: margin.left - 8, y: y + 4, 'text-anchor': 'end'}, figures(v, 6))
			}
			if (this.series.unit) make(this.svg, 'text', {class: 'pl-axis', x: 0, y: 9}, this.series.unit)
			const wanted = Math.max(2, Math.floor(this.plotWidth / 150)), seen = this.dots.filter(d => this.sees(d.place))
			let free = -Infinity, said = ''
			seen.forEach((d, i) => {
				if (i % Math.max(1, Math.floor(seen.length / wanted)) && d.kind !== 'head') return
				const text = d.kind === 'head' ? 'head' : d.time ? day(d.time).replace(/ \d+$/, '') : '#' + (d.place + 1)
				const x = this.x(d.place), half = text.length * 3.6
				if (x - half < free || text === said || d.kind === 'again') return
				if (d.kind !== 'head' && this.sees(this.series.points.length) && (this.series.head || []).length && x + half > this.x(this.series.points.length) - 24) return
				make(this.svg, 'text', {class: 'pl-axis', x: Math.min(x, width - half), y: height - 6, 'text-anchor': 'middle'}, text)
				free = x + half + 12
				said = text
			})
		}

		// What passes for noise and what the limit allows hold for the level that the
		// head is compared with.
		paintBand() {
			const s = this.series, level = (s.levels || []).at(-1)
			const left = Math.max(this.x((level ? level.from : s.points.length - 1) - 0.5), margin.left), right = this.x(this.last + 0.5)
			if (right <= left) return
			if (s.band) {
				const bound = (v, open) => typeof v === 'number' ? Math.min(Math.max(this.y(v), margin.top - 8), margin.top + this.plotHeight + 8) : open
				const top = bound(s.band.high, margin.top - 8), bottom = bound(s.band.low, margin.top + this.plotHeight + 8)
				make(this.plot, 'rect', {class: 'pl-band', x: left, y: top, width: right - left, height: Math.max(bottom - top, 1)})
			}
			if (typeof s.limit === 'number') make(this.plot, 'line', {class: 'pl-limit', x1: left, x2: right, y1: this.y(s.limit), y2: this.y(s.limit)})
		}

		paintChanges() {
			for (const c of this.series.changes || []) {
				const x = this.x((c.before + c.at) / 2), kind = c.status === 'regressed' ? 'bad' : c.status === 'improved' ? 'good' : 'odd'
				make(this.plot, 'line', {class: 'pl-change pl-' + kind, x1: x, x2: x, y1: margin.top, y2: margin.top + this.plotHeight})
				const up = c.to > c.from, y = margin.top - 6
				make(this.plot, 'path', {class: 'pl-mark pl-' + kind, d: up ? `M${x - 5} ${y + 8}h10l-5-8z` : `M${x - 5} ${y}h10l-5 8z`})
			}
		}

		paintValues() {
			let d = '', gap = true, first = Math.floor(this.from) - 1, n = 0
			for (const p of this.dots) {
				if (p.kind !== 'run' || p.place < first || p.place > this.to + 1) continue
				if (p.value === null || p.value === undefined) { gap = true; continue }
				d += (gap ? 'M' : 'L') + this.x(p.place).toFixed(1) + ' ' + this.y(p.value).toFixed(1)
				gap = false
				n++
			}
			make(this.plot, 'path', {class: 'pl-line', d})
			if (n > manyPoints) return
			for (const p of this.dots) {
				if (p.kind !== 'run' || p.place < first || p.place > this.to + 1 || p.value === null || p.value === undefined) continue
				make(this.plot, 'circle', {class: 'pl-dot' + (p.other ? ' pl-other' : '') + (p.old ? ' pl-old' : ''), cx: this.x(p.place), cy: this.y(p.value), r: n > 120 ? 2 : 3})
			}
		}

		paintLevels() {
			for (const l of this.series.levels || []) {
				make(this.plot, 'line', {class: 'pl-level', x1: this.x(l.from - 0.45), x2: this.x(l.to + 0.45), y1: this.y(l.value), y2: this.y(l.value)})
			}
		}

		paintHead() {
			const status = {regressed: 'bad', suspect: 'odd', improved: 'good'}[this.series.status] || 'same'
			for (const p of this.dots) {
				if (p.kind === 'run' || p.value === null || p.value === undefined) continue
				const x = this.x(p.place), y = this.y(p.value), r = p.kind === 'head' ? 6.5 : 4.5
				make(this.plot, 'path', {class: 'pl-head pl-' + status + (p.kind === 'again' ? ' pl-again' : ''), d: `M${x} ${y - r}L${x + r} ${y}L${x} ${y + r}L${x - r} ${y}z`})
			}
		}

		paintLegend() {
			this.legend.replaceChildren()
			if (this.o.legend === false) return
			const s = this.series, item = (shown, kind, text) => {
				if (!shown) return
				const li = make(this.legend, 'li', {})
				make(li, 'span', {class: 'pl-key pl-key-' + kind, 'aria-hidden': 'true'})
				li.append(text)
			}
			item(true, 'dot', 'run')
			item(s.points.some(p => p.other), 'other', 'run on another kind of machine')
			item(s.levels && s.levels.length, 'level', 'level')
			item(s.changes && s.changes.length, 'change', 'change of level')
			item(s.band, 'band', 'passes for noise')
			item(typeof s.limit === 'number', 'limit', 'limit')
			item(s.head && s.head.length, 'head', 'head')
			item(s.head && s.head.length > 1, 'again', 're-run')
		}

		// point shows a dot: with the line, the words beside it and, where it was walked
		// to, for those who listen.
		point(at, aloud) {
			const dot = this.dots[at]
			if (!dot) return this.unpoint()
			this.at = at
			const x = this.x(dot.place), told = words(dot, this.series, this.o)
			this.cursor.setAttribute('x1', x)
			this.cursor.setAttribute('x2', x)
			this.cursor.setAttribute('visibility', 'visible')
			this.tip.replaceChildren()
			make(this.tip, 'strong', {}, told.said[0])
			for (const text of [...told.said.slice(1), told.title, told.when]) if (text) make(this.tip, 'div', {}, text)
			this.tip.hidden = false
			const left = Math.min(Math.max(x - this.tip.offsetWidth / 2, 0), Math.max(this.box.clientWidth - this.tip.offsetWidth, 0))
			const y = dot.value === null || dot.value === undefined ? margin.top : this.y(dot.value)
			const above = y - this.tip.offsetHeight - 12
			this.tip.style.transform = `translate(${left}px, ${above < 0 ? y + 14 : above}px)`
			if (aloud) this.said.textContent = [told.said.join(', '), told.title, told.when].filter(Boolean).join('; ')
		}

		unpoint() {
			this.at = -1
			this.tip.hidden = true
			this.cursor.setAttribute('visibility', 'hidden')
		}

		zoom(from, to) {
			const least = Math.min(4, this.last)
			if (to - from < least) {
				const middle = (from + to) / 2
				from = middle - least / 2
				to = middle + least / 2
			}
			const width = Math.min(to - from, this.last)
			this.from = Math.min(Math.max(from, 0), this.last - width)
			this.to = this.from + width
			this.box.classList.toggle('pl-zoomed', width < this.last - 0.01)
			this.paint()
		}

		zoomBy(factor, around) {
			this.zoom(around - (around - this.from) * factor, around + (this.to - around) * factor)
		}

		nearest(event) {
			const box = this.box.getBoundingClientRect()
			return Math.min(Math.max(Math.round(this.place(event.clientX - box.left)), 0), this.dots.length - 1)
		}

		listen() {
			const b = this.box, x = e => Math.min(Math.max(e.clientX - b.getBoundingClientRect().left, margin.left), margin.left + this.plotWidth)
			let start = null
			b.addEventListener('pointerdown', e => {
				if (e.button !== 0 || e.pointerType === 'touch') return
				start = x(e)
				b.setPointerCapture(e.pointerId)
			})
			b.addEventListener('pointermove', e => {
				this.point(this.nearest(e), false)
				if (start === null) return
				this.range.setAttribute('x', Math.min(start, x(e)))
				this.range.setAttribute('width', Math.abs(x(e) - start))
				this.range.setAttribute('visibility', 'visible')
			})
			b.addEventListener('pointerup', e => {
				if (start === null) return
				const from = start, to = x(e)
				start = null
				if (Math.abs(to - from) > 8) this.zoom(this.place(Math.min(from, to)), this.place(Math.max(from, to)))
				else this.open(this.nearest(e))
				this.range.setAttribute('visibility', 'hidden')
			})
			b.addEventListener('pointercancel', () => { start = null; this.range.setAttribute('visibility', 'hidden') })
			b.addEventListener('pointerleave', () => { if (document.activeElement !== b) this.unpoint() })
			b.addEventListener('dblclick', () => this.zoom(0, this.last))
			b.addEventListener('blur', () => this.unpoint())
			b.addEventListener('wheel', e => {
				if (!e.ctrlKey && document.activeElement !== b) return // the page scrolls
				e.preventDefault()
				this.zoomBy(e.deltaY < 0 ? 0.8 : 1.25, this.place(x(e)))
			}, {passive: false})
			b.addEventListener('keydown', e => this.key(e))
			this.resized = new ResizeObserver(() => { if (b.clientWidth && b.clientWidth !== this.width) { this.width = b.clientWidth; this.paint() } })
			this.resized.observe(b)
		}

		key(e) {
			if (e.altKey || e.ctrlKey || e.metaKey) return
			const here = this.at < 0 ? this.dots.length : this.at, middle = this.at < 0 ? (this.from + this.to) / 2 : this.at
			const wide = (this.to - this.from) / 4
			const walk = at => {
				at = Math.min(Math.max(at, 0), this.dots.length - 1)
				if (!this.sees(at)) this.zoom(this.from + at - here, this.to + at - here)
				this.point(at, true)
			}
			const keys = {
				ArrowLeft: () => e.shiftKey ? this.zoom(this.from - wide, this.to - wide) : walk(here - 1),
				ArrowRight: () => e.shiftKey ? this.zoom(this.from + wide, this.to + wide) : walk(here + 1),
				Home: () => walk(0), End: () => walk(this.dots.length - 1),
				'+': () => this.zoomBy(0.6, middle), '=': () => this.zoomBy(0.6, middle), '-': () => this.zoomBy(1 / 0.6, middle),
				0: () => this.zoom(0, this.last), Escape: () => { this.zoom(0, this.last); this.unpoint() },
				Enter: () => this.open(this.at),
			}
			if (!keys[e.key]) return
			e.preventDefault()
			keys[e.key]()
		}

		// open follows the link of a dot, where it has one.
		open(at) {
			const address = this.dots[at] && this.o.link(this.dots[at])
			if (address) root.open(address, '_blank', 'noopener,noreferrer')
		}

		destroy() {
			this.resized.disconnect()
			this.element.replaceChildren()
		}
	}

	// plumblineSpark draws a small picture of a series, without any words.
	function plumblineSpark(element, series) {
		const all = dots(series).filter(d => d.value !== null && d.value !== undefined).slice(-60)
		if (all.length < 2) return
		const low = Math.min(...all.map(d => d.value)), high = Math.max(...all.map(d => d.value)), wide = 120, tall = 26
		const x = i => 4 + i / (all.length - 1) * (wide - 8), y = v => high === low ? tall / 2 : 4 + (high - v) / (high - low) * (tall - 8)
		const svg = make(element, 'svg', {class: 'pl-spark', viewBox: `0 0 ${wide} ${tall}`, width: wide, height: tall, 'aria-hidden': 'true'})
		make(svg, 'path', {class: 'pl-line', d: all.map((d, i) => (i ? 'L' : 'M') + x(i).toFixed(1) + ' ' + y(d.value).toFixed(1)).join('')})
		all.forEach((d, i) => {
			if (d.kind !== 'head') return
			make(svg, 'circle', {class: 'pl-head pl-' + ({regressed: 'bad', suspect: 'odd', improved: 'good'}[series.status] || 'same'), cx: x(i), cy: y(d.value), r: 3})
		})
	}

	root.plumblineChart = (element, series, options) => new Chart(element, series, options)
	root.plumblineSpark = plumblineSpark
})(globalThis);
