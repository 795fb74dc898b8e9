using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Coriolis.Providers.Aws.Ebs;

/// <summary>Reads the small JSON bodies.</summary>
internal static class EbsJsonReader
{
    public static async ValueTask<T> ReadAsync<T>(EbsCall call, HttpResponseMessage response, JsonTypeInfo<T> type, AttemptWatch watch)
    {
        var stream = await response.Content.ReadAsStreamAsync(watch.Token).ConfigureAwait(false);
        Exception? cause = null;
        try
        {
            if (await JsonSerializer.DeserializeAsync(stream, type, watch.Token).ConfigureAwait(false) is { } result)
            {
                return result;
            }
        }
        catch (JsonException exception)
        {
            cause = exception;
        }

        throw new EbsException(EbsErrorReader.Describe(call, "the answer cannot be read."), cause)
        {
            Operation = call.Operation,
            SnapshotId = call.SnapshotId,
            Code = EbsException.BadResponse,
            Status = response.StatusCode,
            RequestId = EbsTransport.GetRequestId(response),
        };
    }
}
