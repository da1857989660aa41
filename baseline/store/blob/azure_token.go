package blob

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// tokenTimeout bounds a request for a token.
const tokenTimeout = 30 * time.Second

// azureTokens are what an application of Microsoft Entra signs requests with. It
// proves who it is by AZURE_CLIENT_SECRET, by the token in AZURE_FEDERATED_TOKEN_FILE,
// or by the one that GitHub gives a job with the permission id-token: write. Azure's
// own library for that takes 2.8 MB of the program.
type azureTokens struct {
	getenv func(string) string
	need   string // where credentials come from, for people
	mu     sync.Mutex
	token  *oauth2.Token
}

// early is how long before its end a token is renewed.
const early = 5 * time.Minute

// GetToken gives the token of before, or a new one.
func (a *azureTokens) GetToken(ctx context.Context, o policy.TokenRequestOptions) (azcore.AccessToken, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.token == nil || time.Until(a.token.Expiry) < early {
		token, err := a.fetch(ctx, o.Scopes)
		if err != nil {
			if ctx.Err() != nil {
				return azcore.AccessToken{}, ctx.Err()
			}
			return azcore.AccessToken{}, noAccess("no credentials: %s; they come from %s", err, a.need)
		}
		a.token = token
	}
	return azcore.AccessToken{Token: a.token.AccessToken, ExpiresOn: a.token.Expiry}, nil
}

func (a *azureTokens) fetch(ctx context.Context, scopes []string) (*oauth2.Token, error) {
	tenant, client := a.getenv("AZURE_TENANT_ID"), a.getenv("AZURE_CLIENT_ID")
	if tenant == "" || client == "" {
		return nil, errors.New("AZURE_TENANT_ID and AZURE_CLIENT_ID are not both set")
	}
	ctx, cancel := context.WithTimeout(ctx, tokenTimeout)
	defer cancel()
	authority := strings.TrimRight(a.getenv("AZURE_AUTHORITY_HOST"), "/")
	if authority == "" {
		authority = "https://login.microsoftonline.com"
	}
	c := clientcredentials.Config{
		ClientID: client, ClientSecret: a.getenv("AZURE_CLIENT_SECRET"), Scopes: scopes,
		TokenURL: authority + "/" + url.PathEscape(tenant) + "/oauth2/v2.0/token", AuthStyle: oauth2.AuthStyleInParams,
	}
	if c.ClientSecret == "" {
		assertion, err := a.assertion(ctx)
		if err != nil {
			return nil, err
		}
		c.EndpointParams = url.Values{
			"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}, "client_assertion": {assertion},
		}
	}
	token, err := c.Token(ctx)
	if refusal := (*oauth2.RetrieveError)(nil); errors.As(err, &refusal) {
		return nil, errors.New(plain(refusal.ErrorCode + " " + refusal.ErrorDescription))
	}
	if err != nil {
		return nil, fmt.Errorf("ask %s for a token: %w", authority, err)
	}
	return token, nil
}

// assertion is the token by which someone else says who this job is.
func (a *azureTokens) assertion(ctx context.Context) (string, error) {
	if file := a.getenv("AZURE_FEDERATED_TOKEN_FILE"); file != "" {
		text, err := os.ReadFile(file)
		return strings.TrimSpace(string(text)), err
	}
	address, secret := a.getenv("ACTIONS_ID_TOKEN_REQUEST_URL"), a.getenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN")
	if address == "" || secret == "" {
		return "", errors.New("there is neither a secret nor a federated token; a job on GitHub needs the permission id-token: write")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"&audience="+url.QueryEscape("api://AzureADTokenExchange"), nil)
	if err != nil {
		return "", errors.New("ACTIONS_ID_TOKEN_REQUEST_URL is no address")
	}
	req.Header.Set("Authorization", "Bearer "+secret)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", fmt.Errorf("ask GitHub for a token: %w", err)
	}
	defer resp.Body.Close()
	var answer struct{ Value string }
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || resp.StatusCode != http.StatusOK || answer.Value == "" {
		return "", fmt.Errorf("GitHub gives no token: %s", resp.Status)
	}
	return answer.Value, nil
}
