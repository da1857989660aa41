package size

import (
	"fmt"
	"hash/fnv"
	"regexp"
	"strings"
	"unicode/utf8"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// layerNames names the n layers of an image by the instructions that made them,
// without what changes with the content: hashes of copied files and the values of
// build arguments. An instruction that comes again has a number. An image whose
// history does not fit its layers has them by number alone.
func layerNames(history []v1.History, n int) []string {
	names := make([]string, 0, n)
	for _, h := range history {
		if !h.EmptyLayer {
			names = append(names, instruction(h.CreatedBy))
		}
	}
	if len(names) != n {
		names = make([]string, n)
	}
	times := map[string]int{}
	for i, called := range names {
		if called == "" {
			called = "layer"
		}
		times[called]++
		names[i] = called
		if k := times[called]; k > 1 || called == "layer" {
			names[i] = fmt.Sprintf("%s %d", called, k)
		}
	}
	return names
}

var (
	layerShell = regexp.MustCompile(`^(RUN )?(\|\d+ .*? )?/bin/(?:ba)?sh (?:-\w+ (?:pipefail )?)*?-\w*c `)
	layerHash  = regexp.MustCompile(`\b(file|dir|multi|sha256):[0-9a-f]{32,}`)
)

// maxInstruction is how much of an instruction is kept, in bytes.
const maxInstruction = 100

// instruction makes a word of what the history says of a layer.
func instruction(createdBy string) string {
	s := strings.TrimSuffix(strings.TrimSpace(createdBy), "# buildkit")
	if shell := layerShell.FindString(s); shell != "" {
		s = strings.TrimPrefix(s, shell)
		if nop, ok := strings.CutPrefix(s, "#(nop) "); ok {
			s = nop
		} else {
			s = "RUN " + s
		}
	}
	s = layerHash.ReplaceAllString(s, "$1")
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "\uFFFD")), " ")
	if len(s) <= maxInstruction {
		return s
	}
	h := fnv.New32a()
	h.Write([]byte(s))
	end := maxInstruction
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return fmt.Sprintf("%s...%08x", s[:end], h.Sum32())
}
