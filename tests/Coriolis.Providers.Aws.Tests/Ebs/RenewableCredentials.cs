using Amazon.Runtime;

namespace Coriolis.Providers.Aws.Tests.Ebs;

/// <summary>Temporary credentials that look valid for an hour; each renewal gives another session token.</summary>
internal sealed class RenewableCredentials : RefreshingAWSCredentials
{
    public int Generated { get; private set; }

    protected override Task<CredentialsRefreshState> GenerateNewCredentialsAsync() => Task.FromResult(GenerateNewCredentials());

    protected override CredentialsRefreshState GenerateNewCredentials() => new(
        new ImmutableCredentials("AKIDEXAMPLE", "secret", $"token-{++Generated}"), TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(1));
}
