package html

import _ "embed"

// ChartScript defines plumblineChart and plumblineSpark.
//
//go:embed chart.js
var ChartScript string

// ChartStyle is the style of what they draw.
//
//go:embed chart.css
var ChartStyle string

// Theme is the colours of both themes and the style of a page's parts.
//
//go:embed theme.css
var Theme string

// PageScript shows the data of the page of a run.
//
//go:embed page.js
var PageScript string

// PageStyle is the style of the page of a run, beside Theme and ChartStyle.
//
//go:embed page.css
var PageStyle string
