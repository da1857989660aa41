package blob

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"
)

// bundle is an object with the bodies of many runs of its folder, byte for byte as
// their own objects have them, newest first. It is a copy, and no run is in a
// bundle alone: whoever takes one away makes reading slower and loses nothing.
// Before the bodies stands their index, in a frame that decompressing skips, so that
// zstd -d makes JSON Lines of it as of any other object.
type bundle struct {
	listed
	folder         string
	newest, oldest string // times of runs as their keys have them
	count          int

	read bool // its members are known
	bad  bool // it cannot be used
}

// member is a run in a bundle.
type member struct {
	Name string `json:"name"` // of the run's object in the folder
	Tag  string `json:"tag"`  // of that object
	Size int    `json:"size"` // bytes of its body
	body []byte
}

// skippable begins a frame that is no text, in the format of zstd.
const skippable = 0x184D2A50

func parseBundle(o listed) (*bundle, bool) {
	dir, name := path.Split(o.key)
	rest, ok := strings.CutPrefix(strings.TrimSuffix(name, suffix), bundlePrefix)
	parts := strings.Split(rest, "-")
	if !ok || len(parts) != 4 || len(parts[0]) != timeWidth || len(parts[1]) != timeWidth {
		return nil, false
	}
	count, err := strconv.Atoi(parts[2])
	return &bundle{listed: o, folder: dir, newest: parts[0], oldest: parts[1], count: count}, err == nil
}

// spans reports whether a run may be in the bundle.
func (b *bundle) spans(k runKey) bool {
	return b.folder == k.folder && b.newest <= k.back && k.back <= b.oldest
}

// sealed bundles grow no more.
func (b *bundle) sealed() bool { return b.count >= sealedRuns || b.size >= sealedBytes }

// encodeBundle makes a bundle of members, newest first, and its name. Whoever makes
// one of the same members makes the same object, so that one of them is enough.
func encodeBundle(members []member) (name string, body []byte, err error) {
	index, err := json.Marshal(members)
	if err != nil {
		return "", nil, err
	}
	body = binary.LittleEndian.AppendUint32(body, skippable)
	body = binary.LittleEndian.AppendUint32(body, uint32(len(index)))
	body = append(body, index...)
	for _, m := range members {
		body = append(body, m.body...)
	}
	first, last := members[0].Name[len(runPrefix):], members[len(members)-1].Name[len(runPrefix):]
	sum := sha256.Sum256(index)
	name = fmt.Sprintf("%s%s-%s-%d-%s%s", bundlePrefix, first[:timeWidth], last[:timeWidth], len(members), hex.EncodeToString(sum[:8]), suffix)
	return name, body, nil
}

var errBundle = errors.New("it is no bundle of runs")

// decodeBundle gives the members of a bundle, whose bodies are parts of its own.
func decodeBundle(body []byte) ([]member, error) {
	if len(body) < 8 || binary.LittleEndian.Uint32(body) != skippable {
		return nil, errBundle
	}
	size := int64(binary.LittleEndian.Uint32(body[4:]))
	if body = body[8:]; size > int64(len(body)) {
		return nil, errBundle
	}
	var members []member
	if err := json.Unmarshal(body[:size], &members); err != nil {
		return nil, fmt.Errorf("%w: %v", errBundle, err)
	}
	body = body[size:]
	for i := range members {
		m := &members[i]
		if m.Size < 0 || m.Size > len(body) {
			return nil, errBundle
		}
		m.body, body = body[:m.Size:m.Size], body[m.Size:]
	}
	if len(body) > 0 {
		return nil, errBundle
	}
	return members, nil
}
