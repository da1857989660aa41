package collect

import (
	"math"
	"time"
)

// The methods here read one value of a known type; what names it in errors.

func (s *scanner) text(what string) string {
	if s.space() != '"' {
		s.fail("%s: want a string, have %s", what, s.excerpt())
		return ""
	}
	raw, plain := s.str()
	return unquote(raw, plain)
}

// mostWords bounds what common remembers.
const mostWords = 64

// common is text where few texts come again and again: each is made once.
func (s *scanner) common(what string, words *map[string]string) string {
	if s.space() != '"' {
		return s.text(what) // which says what is wrong
	}
	raw, plain := s.str()
	if word, ok := (*words)[string(raw)]; ok && plain {
		return word
	}
	word := unquote(raw, plain)
	if plain && len(*words) < mostWords {
		if *words == nil {
			*words = map[string]string{}
		}
		(*words)[word] = word
	}
	return word
}

func (s *scanner) time(what string) time.Time {
	s.space()
	at := s.pos
	text := s.text(what)
	if s.err != nil {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		s.pos = at
		s.fail("%s: want a time with its zone such as 2025-05-30T14:30:45.123456Z, have %q", what, text)
		return time.Time{}
	}
	return t.UTC()
}

// finite reads a number. What else JSON has, and what no float64 can hold, is
// an error; so are the NaN and Infinity that some programs write.
func (s *scanner) finite(what string) float64 {
	if c := s.space(); c != '-' && (c < '0' || c > '9') {
		s.fail("%s: want a finite number, have %s", what, s.excerpt())
		return 0
	}
	return s.number(what)
}

func (s *scanner) whole(what string) int {
	s.space()
	at := s.pos
	x := s.finite(what)
	if s.err == nil && (x != math.Trunc(x) || math.Abs(x) > math.MaxInt32) {
		s.pos = at
		s.fail("%s: want a whole number, have %s", what, s.excerpt())
		return 0
	}
	return int(x)
}

func (s *scanner) outcome(what string) Outcome {
	if c := s.space(); c != 't' && c != 'f' {
		s.fail("%s: want true or false, have %s", what, s.excerpt())
		return Unsaid
	}
	if s.word() == "true" {
		return Succeeded
	}
	return Failed
}

// numbers reads an array of finite numbers behind those of xs. A null is as
// good as an array of none.
func (s *scanner) numbers(xs []float64, what string) []float64 {
	if s.null() {
		return xs
	}
	if s.space() != '[' {
		s.fail("%s: want an array of numbers, have %s", what, s.excerpt())
		return xs
	}
	for more := s.enter('['); more; more = s.more('[') {
		xs = append(xs, s.finite(what))
	}
	return xs
}

// tags reads an object of strings. Numbers and truth values become their text.
func (s *scanner) tags(what string) Tags {
	if s.space() != '{' {
		s.fail("%s: want an object, have %s", what, s.excerpt())
		return nil
	}
	tags := Tags{}
	for more := s.enter('{'); more; more = s.more('{') {
		key := unquote(s.key())
		switch s.space() {
		case '"':
			tags[key] = s.text(what)
		case '{', '[':
			s.fail("%s: want a string for %q, have %s", what, key, s.excerpt())
		case 'n':
			s.word()
		default:
			start := s.pos
			s.skip(2)
			tags[key] = string(s.data[start:s.pos])
		}
	}
	if len(tags) == 0 {
		return nil
	}
	return tags
}

func (s *scanner) direction(what string, words *map[string]string) Direction {
	word := s.common(what, words)
	d, ok := ParseDirection(word)
	if !ok {
		s.fail("%s: unknown direction %q; want lower, higher or none", what, word)
	}
	return d
}
