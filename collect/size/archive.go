package size

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// openArchive opens a tar of docker save, or one in OCI layout.
func openArchive(file, platform string) (v1.Image, func(), error) {
	none := func() {}
	f, err := os.Open(file)
	if err != nil {
		return nil, none, err
	}
	magic := make([]byte, 2)
	_, err = io.ReadFull(f, magic)
	if err == nil && bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		f.Close()
		image, err := tarball.Image(func() (io.ReadCloser, error) { return openGzip(file) }, nil)
		if err != nil {
			err = fmt.Errorf("is no docker save with gzip (a tar in OCI layout must be without): %w", err)
		}
		return image, none, err
	}
	a, err := indexArchive(f)
	if err != nil {
		f.Close()
		return nil, none, err
	}
	done := func() { f.Close() }
	if _, saved := a.files["manifest.json"]; saved {
		image, err := tarball.ImageFromPath(file, nil)
		return image, done, err
	}
	if _, ok := a.files["index.json"]; !ok {
		done()
		return nil, none, errors.New("is no tar of an image: want manifest.json of docker save, or index.json of OCI layout in it")
	}
	image, err := a.choose(platform)
	return image, done, err
}

// gzipFile is a file of which the unpacked content is read.
type gzipFile struct {
	*gzip.Reader
	file *os.File
}

func openGzip(name string) (io.ReadCloser, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		f.Close()
		return nil, err
	}
	return gzipFile{z, f}, nil
}

func (g gzipFile) Close() error { return errors.Join(g.Reader.Close(), g.file.Close()) }

// archive is a tar in OCI layout, of which it is known where each file stands.
type archive struct {
	tar   *os.File
	files map[string]*io.SectionReader
}

func indexArchive(f *os.File) (*archive, error) {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	a := &archive{tar: f, files: map[string]*io.SectionReader{}}
	for t := tar.NewReader(f); ; {
		h, err := t.Next()
		if err == io.EOF {
			return a, nil
		}
		if err != nil {
			return nil, fmt.Errorf("is no tar of an image: %w", err)
		}
		if h.Typeflag == tar.TypeReg {
			at, err := f.Seek(0, io.SeekCurrent)
			if err != nil {
				return nil, err
			}
			a.files[path.Clean(h.Name)] = io.NewSectionReader(f, at, h.Size)
		} else if h.Typeflag != tar.TypeDir {
			a.files[path.Clean(h.Name)] = nil
		}
	}
}

const maxManifest = 16 << 20 // bytes of a manifest or configuration

func (a *archive) read(name string) ([]byte, error) {
	r := a.files[name]
	if r == nil {
		return nil, fmt.Errorf("has no file %s", name)
	}
	if r.Size() > maxManifest {
		return nil, fmt.Errorf("%s is longer than %d MiB", name, maxManifest>>20)
	}
	return io.ReadAll(io.NewSectionReader(r, 0, r.Size()))
}

func blob(h v1.Hash) string { return path.Join("blobs", h.Algorithm, h.Hex) }

func (a *archive) choose(platform string) (v1.Image, error) {
	raw, err := a.read("index.json")
	if err != nil {
		return nil, err
	}
	return choose(archiveIndex{a, raw}, platform)
}

// archiveIndex is an index in an archive.
type archiveIndex struct {
	a   *archive
	raw []byte
}

func (i archiveIndex) MediaType() (types.MediaType, error) { return types.OCIImageIndex, nil }
func (i archiveIndex) Digest() (v1.Hash, error)            { return partial.Digest(i) }
func (i archiveIndex) Size() (int64, error)                { return int64(len(i.raw)), nil }
func (i archiveIndex) RawManifest() ([]byte, error)        { return i.raw, nil }

func (i archiveIndex) IndexManifest() (*v1.IndexManifest, error) {
	return v1.ParseIndexManifest(bytes.NewReader(i.raw))
}

func (i archiveIndex) Image(h v1.Hash) (v1.Image, error) {
	raw, err := i.a.read(blob(h))
	if err != nil {
		return nil, err
	}
	m, err := v1.ParseManifest(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("read the manifest %s: %w", h, err)
	}
	return partial.CompressedToImage(&archiveImage{i.a, raw, m})
}

func (i archiveIndex) ImageIndex(h v1.Hash) (v1.ImageIndex, error) {
	raw, err := i.a.read(blob(h))
	return archiveIndex{i.a, raw}, err
}

// archiveImage is an image in an archive.
type archiveImage struct {
	a        *archive
	raw      []byte
	manifest *v1.Manifest
}

func (i *archiveImage) RawManifest() ([]byte, error)        { return i.raw, nil }
func (i *archiveImage) MediaType() (types.MediaType, error) { return types.OCIManifestSchema1, nil }

func (i *archiveImage) RawConfigFile() ([]byte, error) {
	raw, err := i.a.read(blob(i.manifest.Config.Digest))
	if err == nil && !json.Valid(raw) {
		err = errors.New("its configuration is no JSON")
	}
	return raw, err
}

func (i *archiveImage) LayerByDigest(h v1.Hash) (partial.CompressedLayer, error) {
	for _, d := range i.manifest.Layers {
		if d.Digest == h {
			if r := i.a.files[blob(h)]; r != nil {
				return &archiveLayer{d, r}, nil
			}
			return nil, fmt.Errorf("has no file %s", blob(h))
		}
	}
	return nil, fmt.Errorf("has no layer %s", h)
}

type archiveLayer struct {
	descriptor v1.Descriptor
	content    *io.SectionReader
}

func (l *archiveLayer) Digest() (v1.Hash, error)            { return l.descriptor.Digest, nil }
func (l *archiveLayer) Size() (int64, error)                { return l.content.Size(), nil }
func (l *archiveLayer) MediaType() (types.MediaType, error) { return l.descriptor.MediaType, nil }
func (l *archiveLayer) Compressed() (io.ReadCloser, error) {
	return io.NopCloser(io.NewSectionReader(l.content, 0, l.content.Size())), nil
}
