(() => {
	const problems = []
	const say = (s, e) => problems.push(s + (e ? ': ' + describe(e) : ''))
	const describe = e => `<${e.tagName.toLowerCase()}${e.id ? ' id=' + e.id : ''}${e.getAttribute('class') ? ' class=' + e.getAttribute('class') : ''}> ` +
		JSON.stringify((e.textContent || '').trim().slice(0, 60))

	// Colours as [r, g, b, a] with all of them from 0 to 1, in whatever form the
	// browser gives them.
	const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true})
	const seen = new Map()
	function colour(text) {
		if (!seen.has(text)) {
			canvas.clearRect(0, 0, 1, 1)
			canvas.fillStyle = text
			canvas.fillRect(0, 0, 1, 1)
			seen.set(text, [...canvas.getImageData(0, 0, 1, 1).data].map(x => x / 255))
		}
		return seen.get(text)
	}
	const over = (top, below) => {
		const a = top[3] + below[3] * (1 - top[3])
		return a === 0 ? [0, 0, 0, 0] : [0, 1, 2].map(i => (top[i] * top[3] + below[i] * below[3] * (1 - top[3])) / a).concat(a)
	}
	const canvasColour = colour(matchMedia('(prefers-color-scheme: dark)').matches &&
		getComputedStyle(document.documentElement).colorScheme.includes('dark') ? '#121212' : '#ffffff')
	function behind(e) {
		const layers = []
		for (let x = e; x; x = x.parentElement) layers.push(colour(getComputedStyle(x).backgroundColor))
		return layers.reduceRight((below, top) => over(top, below), canvasColour)
	}
	const light = c => {
		const [r, g, b] = c.map(x => x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4)
		return 0.2126 * r + 0.7152 * g + 0.0722 * b
	}
	const ratio = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05)
	const shown = e => e.checkVisibility({opacityProperty: true, visibilityProperty: true}) && e.getClientRects().length > 0

	const done = new Set(), walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
	while (walk.nextNode()) {
		const e = walk.currentNode.parentElement
		if (done.has(e) || !walk.currentNode.data.trim() || ['SCRIPT', 'STYLE', 'NOSCRIPT', 'TEMPLATE', 'OPTION'].includes(e.tagName)) continue
		done.add(e)
		if (!shown(e) || e.closest(':disabled')) continue
		const box = e.getBoundingClientRect()
		if (box.width < 2 || box.height < 2) continue // for screen readers alone
		const style = getComputedStyle(e), svg = e instanceof SVGElement, ground = behind(e)
		let ink = colour(svg ? style.fill : style.color)
		for (let x = e; x; x = x.parentElement) ink = [ink[0], ink[1], ink[2], ink[3] * getComputedStyle(x).opacity]
		const size = parseFloat(style.fontSize), large = size >= 24 || size >= 18.66 && style.fontWeight >= 700
		const is = ratio(over(ink, ground), ground)
		if (is < (large ? 3 : 4.5) - 0.005) say(`a contrast of ${is.toFixed(2)}`, e)
	}

	if (!document.documentElement.lang) say('the page says no language')
	if (!document.querySelector('main, [role=main]')) say('the page has no main part')
	let last = 0
	for (const h of document.querySelectorAll('h1, h2, h3, h4, h5, h6')) {
		if (!shown(h)) continue
		const level = +h.tagName[1]
		if (level > last + 1) say(`a heading of level ${level} after one of ${last}`, h)
		last = level
	}
	if (document.querySelectorAll('h1').length !== 1) say('the page has not one heading of level 1')

	const ids = new Set()
	for (const e of document.querySelectorAll('[id]')) {
		if (ids.has(e.id)) say('an id twice', e)
		ids.add(e.id)
	}
	for (const attribute of ['aria-labelledby', 'aria-describedby', 'aria-controls', 'for']) {
		for (const e of document.querySelectorAll(`[${attribute}]`)) {
			for (const id of e.getAttribute(attribute).split(/\s+/)) if (!ids.has(id)) say(`${attribute} of an element that is not there`, e)
		}
	}
	const roles = 'alert alertdialog application article banner button cell checkbox columnheader combobox complementary contentinfo definition dialog ' +
		'document feed figure form generic graphics-document graphics-object graphics-symbol grid gridcell group heading img link list listbox listitem log main ' +
		'menu menubar menuitem meter navigation none note option presentation progressbar radio radiogroup region row rowgroup rowheader scrollbar search searchbox ' +
		'separator slider spinbutton status switch tab table tablist tabpanel term textbox timer toolbar tooltip tree treegrid treeitem'
	for (const e of document.querySelectorAll('[role]')) if (!roles.split(' ').includes(e.getAttribute('role'))) say('a role that there is not', e)
	for (const e of document.querySelectorAll('[aria-hidden=true]')) {
		if ([e, ...e.querySelectorAll('a[href], button, input, select, textarea, [tabindex]')].some(x => x.tabIndex >= 0 && shown(x))) say('what is hidden from screen readers takes the focus', e)
	}
	for (const e of document.querySelectorAll('table:not([role=presentation])')) if (shown(e) && !e.querySelector('th[scope]')) say('a table without headers that say their scope', e)
	for (const e of document.querySelectorAll('img:not([alt])')) say('a picture without a text', e)
	return problems
})()
