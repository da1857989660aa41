package size

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/plumbline-ci/plumbline/collect"
)

// ImageOptions say how an image is found and measured.
type ImageOptions struct {
	// Platform chooses one of several, as in linux/arm64; empty means linux/amd64,
	// or the only one that there is.
	Platform string
	// Unpack also reads the layers of an image in a registry, to measure them
	// unpacked. Those of a file or folder always are.
	Unpack bool
	// Timeout bounds the time for a registry; 0 means two minutes, or twenty with
	// Unpack.
	Timeout time.Duration
	// Keychain has the credentials for registries; nil means those of the docker
	// command (DOCKER_CONFIG), and none where it has none.
	Keychain authn.Keychain
}

// Image measures a container image without a daemon. Ref is a folder in OCI
// layout, a tar of docker save or in OCI layout, also with gzip, or a reference
// to an image in a registry. The metrics are
//
//	container.image_mb            what a pull loads: layers as they are stored, and the configuration
//	container.image_unpacked_mb   the layers as tar
//	container.layers              their number
//	container.layer_mb[layer=I]   and layer_unpacked_mb, of each layer, by its instruction
//
// all with the tag image=LABEL, unless label is empty. The layers of a docker
// save may be stored unpacked: then image_mb is what gzip makes of them.
func Image(ctx context.Context, label, ref string, o ImageOptions) ([]collect.Metric, error) {
	if label != "" {
		if err := checkLabel(label); err != nil {
			return nil, err
		}
	}
	if o.Timeout == 0 {
		o.Timeout = 2 * time.Minute
		if o.Unpack {
			o.Timeout = 20 * time.Minute
		}
	}
	ctx, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	image, local, done, err := openImage(ctx, ref, o)
	if err != nil {
		return nil, fmt.Errorf("measure the image %s: %w", ref, err)
	}
	defer done()
	ms, err := measureImage(image, local || o.Unpack, label)
	if err != nil {
		return nil, fmt.Errorf("measure the image %s: %w", ref, err)
	}
	return ms, nil
}

// openImage finds out what ref is. Done is called when the image is not needed any
// more.
func openImage(ctx context.Context, ref string, o ImageOptions) (image v1.Image, local bool, done func(), err error) {
	none := func() {}
	info, err := os.Stat(ref)
	switch {
	case err == nil && info.IsDir():
		index, err := layout.ImageIndexFromPath(ref)
		if err != nil {
			return nil, true, none, fmt.Errorf("is no folder in OCI layout: %w", err)
		}
		image, err = choose(index, o.Platform)
		return image, true, none, err
	case err == nil:
		image, done, err = openArchive(ref, o.Platform)
		return image, true, done, err
	case strings.HasSuffix(ref, ".tar") || strings.HasSuffix(ref, ".tar.gz") || strings.HasSuffix(ref, ".tgz"):
		return nil, true, none, err // a file that is missing, and no reference
	}
	image, err = pull(ctx, ref, o)
	return image, false, none, err
}

func pull(ctx context.Context, ref string, o ImageOptions) (v1.Image, error) {
	at, err := name.ParseReference(ref)
	if err != nil {
		return nil, fmt.Errorf("is neither a file, a folder nor a reference: %w", err)
	}
	if o.Keychain == nil {
		o.Keychain = authn.DefaultKeychain
	}
	transport, ok := remote.DefaultTransport.(*http.Transport)
	if !ok {
		return nil, errors.New("the registry client's transport is of another kind")
	}
	transport = transport.Clone()
	transport.ResponseHeaderTimeout = 30 * time.Second
	found, err := remote.Get(at, remote.WithContext(ctx), remote.WithAuthFromKeychain(o.Keychain), remote.WithTransport(transport), remote.WithUserAgent("plumbline"))
	if err != nil {
		return nil, err
	}
	if !found.MediaType.IsIndex() {
		return found.Image()
	}
	index, err := found.ImageIndex()
	if err != nil {
		return nil, err
	}
	return choose(index, o.Platform)
}

// choose finds the image of a platform in an index, also in those within it.
func choose(index v1.ImageIndex, platform string) (v1.Image, error) {
	all, err := imagesOf(index, 0)
	if err != nil {
		return nil, err
	}
	if platform == "" && len(all) == 1 {
		return all[0].open()
	}
	if platform == "" {
		platform = "linux/amd64"
	}
	want, err := v1.ParsePlatform(platform)
	if err != nil {
		return nil, fmt.Errorf("platform %q: %w", platform, err)
	}
	var have []string
	for _, c := range all {
		if c.platform != nil && c.platform.Satisfies(*want) {
			return c.open()
		}
		if c.platform != nil {
			have = append(have, c.platform.String())
		}
	}
	return nil, fmt.Errorf("has no image for %s: want one of [%s]", platform, strings.Join(have, " "))
}

// A candidate is one image of an index.
type candidate struct {
	platform *v1.Platform // nil: not said
	open     func() (v1.Image, error)
}

// imagesOf lists the images of an index, without the attestations that builders
// put beside them.
func imagesOf(index v1.ImageIndex, depth int) (all []candidate, err error) {
	m, err := index.IndexManifest()
	if err != nil {
		return nil, err
	}
	for _, d := range m.Manifests {
		switch {
		case d.Platform != nil && d.Platform.OS == "unknown":
		case d.MediaType.IsImage():
			all = append(all, candidate{d.Platform, func() (v1.Image, error) { return index.Image(d.Digest) }})
		case d.MediaType.IsIndex() && depth < 3:
			inner, err := index.ImageIndex(d.Digest)
			if err != nil {
				return nil, err
			}
			more, err := imagesOf(inner, depth+1)
			if err != nil {
				return nil, err
			}
			all = append(all, more...)
		}
	}
	return all, nil
}

func measureImage(image v1.Image, unpack bool, label string) ([]collect.Metric, error) {
	config, err := image.ConfigFile()
	if err != nil {
		return nil, fmt.Errorf("read its configuration: %w", err)
	}
	raw, err := image.RawConfigFile()
	if err != nil {
		return nil, fmt.Errorf("read its configuration: %w", err)
	}
	layers, err := image.Layers()
	if err != nil {
		return nil, fmt.Errorf("read its layers: %w", err)
	}
	base := collect.Tags{}
	if label != "" {
		base["image"] = label
	}
	total, unpacked := int64(len(raw)), int64(0)
	seen := map[v1.Hash]bool{}
	var ms []collect.Metric
	for i, called := range layerNames(config.History, len(layers)) {
		one, err := measureLayer(layers[i], unpack)
		if err != nil {
			return nil, fmt.Errorf("measure layer %d (%s): %w", i+1, called, err)
		}
		if !seen[one.digest] { // a layer that comes twice is loaded once
			total += one.packed
		}
		seen[one.digest] = true
		unpacked += one.unpacked
		tags := collect.Tags{"layer": called}
		for k, v := range base {
			tags[k] = v
		}
		ms = append(ms, megabytes(collect.Name("container.layer_mb", tags), one.packed))
		if unpack {
			ms = append(ms, megabytes(collect.Name("container.layer_unpacked_mb", tags), one.unpacked))
		}
	}
	ms = append(ms, megabytes(collect.Name("container.image_mb", base), total),
		collect.Metric{Name: collect.Name("container.layers", base), Unit: "count", Better: collect.None, Value: float64(len(layers))})
	if unpack {
		ms = append(ms, megabytes(collect.Name("container.image_unpacked_mb", base), unpacked))
	}
	return ms, nil
}

type layerSize struct {
	digest           v1.Hash
	packed, unpacked int64
}

func measureLayer(layer v1.Layer, unpack bool) (s layerSize, err error) {
	if s.digest, err = layer.Digest(); err != nil {
		return s, err
	}
	if s.packed, err = layer.Size(); err != nil || !unpack {
		return s, err
	}
	r, err := layer.Uncompressed()
	if err != nil {
		return s, err
	}
	s.unpacked, err = io.Copy(io.Discard, r)
	if cerr := r.Close(); err == nil {
		err = cerr
	}
	return s, err
}
