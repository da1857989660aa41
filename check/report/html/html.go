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
