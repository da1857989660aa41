package blob

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// s3 is a bucket of S3, or of a server that speaks its protocol.
type s3 struct {
	place  place
	client *minio.Core
	keys   *credentials.Credentials
}

// openS3 connects to nothing.
func openS3(p place, via http.RoundTripper) (bucket, error) {
	host, secure := "s3.amazonaws.com", true
	if endpoint := p.endpoint(); endpoint != "" {
		u, err := url.Parse(endpoint)
		if err != nil {
			return nil, err
		}
		host, secure = u.Host, u.Scheme == "https"
	}
	region := p.region()
	if region == "" && p.endpoint() != "" {
		region = "us-east-1" // what servers of others take; AWS is asked
	}
	keys := s3Credentials(p)
	options := &minio.Options{Creds: keys, Secure: secure, Region: region, Transport: via, MaxRetries: 1}
	if p.on("path-style") || p.endpoint() != "" && p.query.Get("path-style") != "off" {
		options.BucketLookup = minio.BucketLookupPath
	}
	client, err := minio.NewCore(host, options)
	if err != nil {
		return nil, fmt.Errorf("open store %q: %w", p.name(), err)
	}
	return &s3{place: p, client: client, keys: keys}, nil
}

// s3Credentials are found as the SDKs of AWS find them.
func s3Credentials(p place) *credentials.Credentials {
	if id := p.getenv("AWS_ACCESS_KEY_ID"); id != "" {
		return credentials.NewStaticV4(id, p.getenv("AWS_SECRET_ACCESS_KEY"), p.getenv("AWS_SESSION_TOKEN"))
	}
	return credentials.NewChainCredentials([]credentials.Provider{
		&credentials.FileAWSCredentials{Profile: p.getenv("AWS_PROFILE")},
		&credentials.IAM{Region: p.region()},
	})
}

// access looks for credentials: without any, the server would say no more than that
// access is denied.
func (s *s3) access(ctx context.Context) error {
	v, err := s.keys.GetWithContext(&credentials.CredContext{Client: http.DefaultClient, Context: ctx})
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return noAccess("no credentials: %s; they come from %s", plain(err.Error()), s.place.kind().credentials)
	case v.AccessKeyID == "" || v.SecretAccessKey == "":
		return noAccess("no credentials found; they come from %s", s.place.kind().credentials)
	}
	return nil
}

func (s *s3) get(ctx context.Context, key string) ([]byte, error) {
	if err := s.access(ctx); err != nil {
		return nil, err
	}
	body, _, _, err := s.client.GetObject(ctx, s.place.bucket, key, minio.GetObjectOptions{})
	if err != nil {
		return nil, s3Fault(err)
	}
	defer body.Close()
	return readAll(body)
}

func (s *s3) put(ctx context.Context, key string, body []byte) error {
	if err := s.access(ctx); err != nil {
		return err
	}
	options := minio.PutObjectOptions{ContentType: "application/zstd", SendContentMd5: true, DisableMultipart: true}
	if s.place.query.Get("conditional") != "off" {
		options.SetMatchETagExcept("*")
	}
	_, err := s.client.Client.PutObject(ctx, s.place.bucket, key, bytes.NewReader(body), int64(len(body)), options)
	return s3Fault(err)
}

// list asks for one page: the client would go on by itself. Its token is the last
// key that was seen.
func (s *s3) list(ctx context.Context, prefix, token string) (page, error) {
	if err := s.access(ctx); err != nil {
		return page{}, err
	}
	owner, found := false, page{}
	options := minio.ListObjectsOptions{Prefix: prefix, StartAfter: token, Recursive: true, MaxKeys: pageKeys, FetchOwner: &owner}
	for o := range s.client.ListObjectsIter(ctx, s.place.bucket, options) {
		if o.Err != nil {
			return page{}, s3Fault(o.Err)
		}
		found.objects = append(found.objects, listed{o.Key, o.Size, o.ETag})
		if len(found.objects) == pageKeys {
			found.next = o.Key
			break
		}
	}
	return found, ctx.Err() // the iterator ends without a word when it is canceled
}

func (s *s3) remove(ctx context.Context, key string) error {
	if err := s.access(ctx); err != nil {
		return err
	}
	err := s3Fault(s.client.RemoveObject(ctx, s.place.bucket, key, minio.RemoveObjectOptions{}))
	if errors.Is(err, errMissing) {
		return nil
	}
	return err
}

// s3Fault is an error of the client as all buckets give it.
func s3Fault(err error) error {
	var r minio.ErrorResponse
	switch {
	case err == nil || !errors.As(err, &r):
		return err
	case r.Code == minio.NoSuchKey:
		return errMissing
	case r.Code == minio.PreconditionFailed || r.StatusCode == http.StatusPreconditionFailed:
		return errExists
	}
	return &fault{code: cmp.Or(r.Code, http.StatusText(r.StatusCode)), message: r.Message, region: r.Region}
}

// maxObject bounds what is read of one object.
const maxObject = 1 << 30

// readAll reads a body whole. One that ends before its time is an error.
func readAll(r io.Reader) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, maxObject+1))
	if err == nil && len(body) > maxObject {
		err = fmt.Errorf("the object has more than %d bytes", maxObject)
	}
	return body, err
}
