using System.Net;

namespace Coriolis.Providers.Aws.Workers;

/// <summary>Finds the address from which this machine's connections arrive in AWS.</summary>
internal sealed class CallerAddress(AwsSourceOptions options)
{
    // Amazon VPC User Guide, "Configure security group rules", names this service for the purpose.
    private static readonly Uri s_service = new("https://checkip.amazonaws.com/");

    public async Task<string> FindAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var client = new HttpClient { Timeout = options.AttemptTimeout };
            var text = (await client.GetStringAsync(s_service, cancellationToken).ConfigureAwait(false)).Trim();
            return IPAddress.TryParse(text, out _) ? $"{text}/32" : throw new HttpRequestException($"the answer '{text}' is not an address");
        }
        catch (Exception error) when (error is HttpRequestException || (error is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new SourceException($"The address of this machine, which the worker is to admit, cannot be found out from {s_service}: {QuotedSecrets.RemoveFrom(error.Message)}", QuotedSecrets.RemoveFrom(error))
            {
                Remedy = "Set worker_allowed_cidr, for example to 203.0.113.7/32.",
            };
        }
    }
}
