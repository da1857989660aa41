package size

import (
	"debug/elf"
	"debug/gosym"
	"debug/macho"
	"debug/pe"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"slices"
	"sort"
	"strings"

	"github.com/plumbline-ci/plumbline/collect"
)

// GoBinary measures what a Go program consists of: artifact.LABEL_section_mb of
// each section that the file holds, and artifact.LABEL_package_mb of each
// package, by the symbols that are in those sections. Of a program without symbols
// (-ldflags=-s) only functions have sizes, for these are in every Go program.
// What belongs to no package is one each: (types) and (data), which the linker
// makes, and (other), such as C code.
func GoBinary(label, file string) ([]collect.Metric, error) {
	if err := checkLabel(label); err != nil {
		return nil, err
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("measure the binary: %w", err)
	}
	defer f.Close()
	b, err := readBinary(f)
	if err != nil {
		return nil, fmt.Errorf("measure the binary %s: %w", file, err)
	}
	packages := b.packages()
	if len(packages) == 0 {
		return nil, fmt.Errorf("measure the binary %s: has neither symbols nor Go's table of functions: want a Go program", file)
	}
	prefix := "artifact." + label
	sections := map[string]int64{}
	for _, s := range b.sections {
		sections[s.name] += s.bytes
	}
	return append(series(prefix+"_section_mb", "section", sections), series(prefix+"_package_mb", "package", packages)...), nil
}

// series makes a metric of each key, sorted.
func series(base, tag string, sizes map[string]int64) (ms []collect.Metric) {
	for _, key := range slices.Sorted(maps.Keys(sizes)) {
		if n := sizes[key]; n > 0 {
			ms = append(ms, megabytes(collect.Name(base, collect.Tags{tag: key}), n))
		}
	}
	return ms
}

// A binary is a program, whatever its system.
type binary struct {
	sections []section
	symbols  []symbol
	// table is Go's table of functions, text the address of the first.
	table []byte
	text  uint64
}

type section struct {
	name       string
	start, end uint64 // addresses
	bytes      int64  // in the file
}

// A symbol has the size 0 where the format does not say it: it then reaches to
// the next one of its section.
type symbol struct {
	name       string
	addr, size uint64
}

var errNoBinary = errors.New("is no program: want ELF, Mach-O or PE")

func readBinary(f *os.File) (*binary, error) {
	if e, err := elf.NewFile(f); err == nil {
		return readELF(e)
	}
	if m, err := macho.NewFile(f); err == nil {
		return readMachO(m)
	}
	if p, err := pe.NewFile(f); err == nil {
		return readPE(p)
	}
	return nil, errNoBinary
}

func readELF(e *elf.File) (*binary, error) {
	b := &binary{}
	for _, s := range e.Sections {
		if s.Type != elf.SHT_NOBITS && s.Type != elf.SHT_NULL {
			b.sections = append(b.sections, section{s.Name, s.Addr, s.Addr + s.Size, int64(s.FileSize)})
		}
		switch s.Name {
		case ".gopclntab", ".data.rel.ro.gopclntab":
			table, err := s.Data()
			if err != nil {
				return nil, err
			}
			b.table = table
		case ".text":
			b.text = s.Addr
		}
	}
	symbols, err := e.Symbols()
	if err != nil && !errors.Is(err, elf.ErrNoSymbols) {
		return nil, err
	}
	for _, s := range symbols {
		if kind := elf.ST_TYPE(s.Info); (kind == elf.STT_FUNC || kind == elf.STT_OBJECT || kind == elf.STT_NOTYPE) && s.Size > 0 {
			b.symbols = append(b.symbols, symbol{s.Name, s.Value, s.Size})
		}
	}
	return b, nil
}

func readMachO(m *macho.File) (*binary, error) {
	const zeroFill = 1
	b := &binary{}
	for _, s := range m.Sections {
		if s.Flags&0xff != zeroFill {
			b.sections = append(b.sections, section{s.Seg + "," + s.Name, s.Addr, s.Addr + s.Size, int64(s.Size)})
		}
		switch s.Name {
		case "__gopclntab":
			table, err := s.Data()
			if err != nil {
				return nil, err
			}
			b.table = table
		case "__text":
			b.text = s.Addr
		}
	}
	if m.Symtab != nil {
		for _, s := range m.Symtab.Syms {
			const debugging = 0xe0
			if s.Type&debugging == 0 && s.Sect > 0 {
				b.symbols = append(b.symbols, symbol{name: strings.TrimPrefix(s.Name, "_"), addr: s.Value})
			}
		}
	}
	return b, nil
}

func readPE(p *pe.File) (*binary, error) {
	b := &binary{}
	for _, s := range p.Sections {
		start := uint64(s.VirtualAddress)
		b.sections = append(b.sections, section{s.Name, start, start + uint64(s.VirtualSize), int64(s.Size)})
		if s.Name == ".text" {
			b.text = start
		}
	}
	for _, s := range p.Symbols {
		if s.SectionNumber > 0 && int(s.SectionNumber) <= len(p.Sections) {
			of := p.Sections[s.SectionNumber-1]
			b.symbols = append(b.symbols, symbol{name: s.Name, addr: uint64(of.VirtualAddress) + uint64(s.Value)})
		}
	}
	return b, nil
}

// packages adds the sizes of symbols up by package, as far as the file holds them.
func (b *binary) packages() map[string]int64 {
	b.measure()
	sizes := map[string]int64{}
	for _, s := range b.symbols {
		if of := b.section(s.addr); of != nil {
			sizes[packageOf(s.name)] += int64(min(s.size, of.end-s.addr))
		}
	}
	if len(sizes) == 0 && b.table != nil {
		b.functions(sizes)
	}
	return sizes
}

// section is the one that holds an address.
func (b *binary) section(addr uint64) *section {
	for i := range b.sections {
		if s := &b.sections[i]; s.start != 0 && addr >= s.start && addr < s.end {
			return s
		}
	}
	return nil
}

// measure gives the symbols without a size one.
func (b *binary) measure() {
	sort.SliceStable(b.symbols, func(i, j int) bool { return b.symbols[i].addr < b.symbols[j].addr })
	for i := range b.symbols {
		s := &b.symbols[i]
		of := b.section(s.addr)
		if s.size > 0 || of == nil {
			continue
		}
		end := of.end
		if i+1 < len(b.symbols) {
			end = min(end, b.symbols[i+1].addr)
		}
		s.size = end - s.addr
	}
}

// functions adds up what Go's own table of functions says.
func (b *binary) functions(sizes map[string]int64) {
	table, err := gosym.NewTable(nil, gosym.NewLineTable(b.table, b.text))
	if err != nil {
		return
	}
	for _, f := range table.Funcs {
		if f.End > f.Entry {
			sizes[packageOf(f.Name)] += int64(f.End - f.Entry)
		}
	}
}

// packageOf is the package of a symbol of a Go program: net/http of
// net/http.(*Client).Do and of net/http.Get[go.shape.int].
func packageOf(name string) string {
	switch {
	case strings.HasPrefix(name, "type:"), strings.HasPrefix(name, "type."), strings.HasPrefix(name, "go:itab."), strings.HasPrefix(name, "go.itab."):
		return "(types)"
	case strings.HasPrefix(name, "go:"), strings.HasPrefix(name, "go."), strings.HasPrefix(name, "$"): // $f64.3ff0000000000000
		return "(data)"
	}
	plain, _, _ := strings.Cut(name, "[")
	slash := strings.LastIndexByte(plain, '/') + 1
	dot := strings.IndexByte(plain[slash:], '.')
	if dot <= 0 {
		return "(other)"
	}
	path := plain[:slash+dot]
	if unescaped, err := url.PathUnescape(path); err == nil {
		return unescaped // the linker writes a dot in the last element as %2e
	}
	return path
}
