package blob

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	blobs "github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
)

// azure is a container of Azure Blob Storage.
type azure struct {
	place  place
	client *container.Client
}

// openAzure connects to nothing.
func openAzure(p place, via http.RoundTripper) (bucket, error) {
	options := &container.ClientOptions{ClientOptions: policy.ClientOptions{
		Transport: &http.Client{Transport: via},
		Retry:     policy.RetryOptions{MaxRetries: -1},
		Telemetry: policy.TelemetryOptions{ApplicationID: "plumbline"},
	}}
	client, err := azureClient(p, options)
	if err != nil {
		return nil, fmt.Errorf("open store %q: %w", p.name(), err)
	}
	return &azure{p, client}, nil
}

// azureClient takes the first credentials that are there, in the order of Azure's
// command line.
func azureClient(p place, options *container.ClientOptions) (*container.Client, error) {
	if text := p.getenv("AZURE_STORAGE_CONNECTION_STRING"); text != "" {
		client, err := container.NewClientFromConnectionString(text, p.bucket, options)
		if err != nil {
			return nil, errors.New("AZURE_STORAGE_CONNECTION_STRING cannot be read; want what the portal shows under access keys")
		}
		return client, nil
	}
	account := cmp.Or(p.query.Get("account"), p.getenv("AZURE_STORAGE_ACCOUNT"))
	if account == "" {
		return nil, fmt.Errorf("no storage account; want %s or AZURE_STORAGE_ACCOUNT", p.kind().form)
	}
	server := cmp.Or(p.endpoint(), "https://"+account+".blob.core.windows.net")
	address := server + "/" + url.PathEscape(p.bucket)
	if key := p.getenv("AZURE_STORAGE_KEY"); key != "" {
		shared, err := container.NewSharedKeyCredential(account, key)
		if err != nil {
			return nil, errors.New("AZURE_STORAGE_KEY is no key; want one that the portal shows under access keys")
		}
		return container.NewClientWithSharedKeyCredential(address, shared, options)
	}
	if sas := p.getenv("AZURE_STORAGE_SAS_TOKEN"); sas != "" {
		return container.NewClientWithNoCredential(address+"?"+strings.TrimPrefix(sas, "?"), options)
	}
	return container.NewClient(address, &azureTokens{getenv: p.getenv, need: p.kind().credentials}, options)
}

func (a *azure) get(ctx context.Context, key string) ([]byte, error) {
	resp, err := a.client.NewBlobClient(key).DownloadStream(ctx, nil)
	if err != nil {
		return nil, azureFault(err)
	}
	defer resp.Body.Close()
	return readAll(resp.Body)
}

func (a *azure) put(ctx context.Context, key string, body []byte) error {
	anything, kind := azcore.ETagAny, "application/zstd"
	_, err := a.client.NewBlockBlobClient(key).Upload(ctx, streaming.NopCloser(bytes.NewReader(body)), &blockblob.UploadOptions{
		AccessConditions:        &blobs.AccessConditions{ModifiedAccessConditions: &blobs.ModifiedAccessConditions{IfNoneMatch: &anything}},
		HTTPHeaders:             &blobs.HTTPHeaders{BlobContentType: &kind},
		TransactionalValidation: blobs.TransferValidationTypeComputeCRC64(),
	})
	return azureFault(err)
}

func (a *azure) list(ctx context.Context, prefix, token string) (page, error) {
	most := int32(pageKeys)
	options := &container.ListBlobsFlatOptions{Prefix: &prefix, MaxResults: &most}
	if token != "" {
		options.Marker = &token
	}
	resp, err := a.client.NewListBlobsFlatPager(options).NextPage(ctx)
	if err != nil {
		return page{}, azureFault(err)
	}
	found := page{}
	if resp.NextMarker != nil {
		found.next = *resp.NextMarker
	}
	for _, b := range resp.Segment.BlobItems {
		o := listed{key: *b.Name}
		if b.Properties != nil && b.Properties.ContentLength != nil && b.Properties.ETag != nil {
			o.size, o.tag = *b.Properties.ContentLength, string(*b.Properties.ETag)
		}
		found.objects = append(found.objects, o)
	}
	return found, nil
}

func (a *azure) remove(ctx context.Context, key string) error {
	_, err := a.client.NewBlobClient(key).Delete(ctx, nil)
	if err = azureFault(err); errors.Is(err, errMissing) {
		return nil
	}
	return err
}

// azureFault is an error of the client as all buckets give it. The server's message
// is left out, as it can quote what was to be signed.
func azureFault(err error) error {
	var r *azcore.ResponseError
	switch {
	case err == nil || !errors.As(err, &r):
		return err
	case bloberror.HasCode(err, bloberror.BlobNotFound):
		return errMissing
	case bloberror.HasCode(err, bloberror.BlobAlreadyExists, bloberror.ConditionNotMet) || r.StatusCode == http.StatusPreconditionFailed:
		return errExists
	}
	return &fault{code: cmp.Or(r.ErrorCode, http.StatusText(r.StatusCode))}
}
