using System.Net;
using System.Net.Sockets;

namespace Coriolis.Providers.Aws.Workers;

/// <summary>Finds the address from which this machine's connections arrive in AWS.</summary>
/// <param name="options">How long to wait.</param>
/// <param name="service">Where to ask; AWS's own service unless a test has another.</param>
internal sealed class CallerAddress(AwsSourceOptions options, Uri? service = null)
{
    // An address and a line end; a proxy that wants a login answers with a whole page.
    private const int MaxAnswerBytes = 256;

    // Amazon VPC User Guide, "Configure security group rules", names this service for the purpose.
    private readonly Uri _service = service ?? new("https://checkip.amazonaws.com/");

    /// <returns>The address as a range of one, as the rule of a security group has it.</returns>
    /// <exception cref="SourceException">The address cannot be found out.</exception>
    public async Task<string> FindAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var client = new HttpClient { Timeout = options.AttemptTimeout, MaxResponseContentBufferSize = MaxAnswerBytes };
            var text = (await client.GetStringAsync(_service, cancellationToken).ConfigureAwait(false)).Trim();

            // Workers have IPv4 addresses only.
            return IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetwork && address.ToString() == text
                ? $"{text}/32"
                : throw new HttpRequestException($"the answer '{text}' is not an IPv4 address");
        }
        catch (Exception error) when (error is HttpRequestException || (error is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new SourceException($"The address of this machine, which the worker is to admit, cannot be found out from {_service}: {QuotedSecrets.RemoveFrom(error.Message)}", QuotedSecrets.RemoveFrom(error))
            {
                Remedy = "Set worker_allowed_cidr, for example to 203.0.113.7/32.",
            };
        }
    }
}
