package size

import (
	"archive/zip"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/plumbline-ci/plumbline/collect"
)

// wheelMetrics adds up the wheels (.whl) among files: the number of files in them
// and their unpacked size, whole and by the folder at their top:
// artifact.LABEL_unpacked_mb[folder=numpy]. The version in the name of a .dist-info
// or .data folder is left out, so that a release does not rename it.
func wheelMetrics(prefix string, files []string) ([]collect.Metric, error) {
	var count, whole int64
	wheels := 0
	folders := map[string]int64{}
	for _, file := range files {
		if !strings.HasSuffix(strings.ToLower(file), ".whl") {
			continue
		}
		wheels++
		z, err := zip.OpenReader(file)
		if err != nil {
			return nil, fmt.Errorf("read the wheel %s: %w", file, err)
		}
		for _, f := range z.File {
			if f.FileInfo().IsDir() {
				continue
			}
			n := int64(min(f.UncompressedSize64, 1<<50)) // a lie about the size cannot overflow the sum
			count++
			whole += n
			folders[wheelFolder(f.Name)] += n
		}
		z.Close()
	}
	if wheels == 0 {
		return nil, nil
	}
	ms := []collect.Metric{
		{Name: prefix + "_files", Unit: "count", Better: collect.None, Value: float64(count)},
		megabytes(prefix+"_unpacked_mb", whole),
	}
	for _, folder := range slices.Sorted(maps.Keys(folders)) {
		tags := collect.Tags{"folder": folder}
		ms = append(ms, megabytes(collect.Name(prefix+"_unpacked_mb", tags), folders[folder]))
	}
	return ms, nil
}

// wheelFolder is the first folder of a path, or . for a file beside them.
func wheelFolder(name string) string {
	top, _, inside := strings.Cut(path.Clean(strings.TrimPrefix(name, "/")), "/")
	if !inside {
		return "."
	}
	for _, suffix := range []string{".dist-info", ".data"} {
		if base, ok := strings.CutSuffix(top, suffix); ok {
			base, _, _ = strings.Cut(base, "-")
			return base + suffix
		}
	}
	return top
}
