using System.Text.Json;
using Coriolis.Aws.Emulator.Http;

namespace Coriolis.Aws.Emulator.Kms;

internal sealed partial class KmsService
{
    private async Task<Action<Utf8JsonWriter>> CreateGrantAsync(ServiceCall call, JsonRequest request, CancellationToken cancellationToken)
    {
        var key = RequireKey(call, request);
        if (key.State != EncryptionKey.Enabled)
        {
            throw KmsErrors.InvalidState(key);
        }

        var operations = request.Texts("Operations");
        if (operations.Count == 0)
        {
            throw KmsErrors.Invalid("1 validation error detected: Value null at 'operations' failed to satisfy constraint: Member must not be null");
        }

        var principal = request.Text("GranteePrincipal") ?? request.Text("GranteeServicePrincipal")
            ?? throw KmsErrors.Invalid("GranteePrincipal must be given.");
        var constraints = request.Raw("Constraints");
        if (constraints is not null) _ = GrantConstraints.Read(constraints);
        EndDryRun(request);
        var grant = await rings.ChangeAsync(
            call.Region,
            ring =>
            {
                var id = rings.NewDigest(call.Region, ring);
                return ring.Grants[id] = new KeyGrant
                {
                    GrantId = id,
                    Token = rings.NewDigest(call.Region, ring),
                    KeyArn = key.Arn,
                    GranteePrincipal = principal,
                    RetiringPrincipal = request.Text("RetiringPrincipal"),
                    Operations = operations,
                    Name = request.Text("Name"),
                    Constraints = constraints,
                    CreatedAt = timeProvider.GetUtcNow(),
                };
            },
            cancellationToken).ConfigureAwait(false);
        return json =>
        {
            json.WriteString("GrantId", grant.GrantId);
            json.WriteString("GrantToken", grant.Token);
        };
    }

    private Action<Utf8JsonWriter> ListGrants(ServiceCall call, JsonRequest request)
    {
        var key = RequireKey(call, request);
        var (grantId, principal) = (request.Text("GrantId"), request.Text("GranteePrincipal"));
        var grants = rings.Get(call.Region).Grants.Values
            .Where(grant => grant.KeyArn == key.Arn)
            .Where(grant => grantId is null || grant.GrantId == grantId)
            .Where(grant => principal is null || grant.GranteePrincipal == principal)
            .OrderBy(grant => grant.CreatedAt).ThenBy(grant => grant.GrantId, StringComparer.Ordinal);
        return json => WritePage(json, request, "Grants", grants, grant =>
        {
            json.WriteStartObject();
            json.WriteString("KeyId", grant.KeyArn);
            json.WriteString("GrantId", grant.GrantId);
            json.WriteOptional("Name", grant.Name);
            json.WriteTime("CreationDate", grant.CreatedAt);
            json.WriteString("GranteePrincipal", grant.GranteePrincipal);
            json.WriteOptional("RetiringPrincipal", grant.RetiringPrincipal);
            json.WriteString("IssuingAccount", $"arn:aws:iam::{call.Identity.AccountId}:root");
            json.WriteStartArray("Operations");
            foreach (var operation in grant.Operations)
            {
                json.WriteStringValue(operation);
            }

            json.WriteEndArray();
            if (grant.Constraints is not null)
            {
                json.WritePropertyName("Constraints");
                json.WriteRawValue(grant.Constraints);
            }

            json.WriteEndObject();
        });
    }

    private async Task<Action<Utf8JsonWriter>> RetireGrantAsync(ServiceCall call, JsonRequest request, CancellationToken cancellationToken)
    {
        if (request.Text("GrantToken") is not { } token)
        {
            return await RemoveGrantAsync(call, request, RequireKey(call, request), cancellationToken).ConfigureAwait(false);
        }

        var grant = rings.Get(call.Region).Grants.Values.FirstOrDefault(candidate => candidate.Token == token)
            ?? throw KmsErrors.Create("InvalidGrantTokenException", "The grant token is not valid.");
        Authorize(call, grant.KeyArn);
        EndDryRun(request);
        await rings.ChangeAsync(call.Region, ring => ring.Grants.TryRemove(grant.GrantId, out _), cancellationToken).ConfigureAwait(false);
        return Nothing;
    }

    private async Task<Action<Utf8JsonWriter>> RemoveGrantAsync(
        ServiceCall call, JsonRequest request, EncryptionKey key, CancellationToken cancellationToken)
    {
        var grantId = request.Text("GrantId") ?? "";
        await rings.ChangeAsync(
            call.Region,
            ring =>
            {
                if (!ring.Grants.TryGetValue(grantId, out var grant) || grant.KeyArn != key.Arn) throw KmsErrors.NotFound($"Grant ID {grantId}");
                EndDryRun(request);
                return ring.Grants.TryRemove(grantId, out _);
            },
            cancellationToken).ConfigureAwait(false);
        return Nothing;
    }
}
