using System.Text.Json;

namespace Coriolis.Aws.Emulator.Http;

/// <summary>Writes a JSON answer with its length, and times as both JSON protocols of AWS do: seconds with milliseconds.</summary>
internal static class JsonAnswer
{
    public static async Task WriteAsync(
        ServiceCall call, int status, string contentType, Action<Utf8JsonWriter> members, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        var response = call.Http.Response;
        response.StatusCode = status;
        response.ContentType = contentType;
        response.ContentLength = buffer.Length;
        await response.Body.WriteAsync(buffer.GetBuffer().AsMemory(0, (int)buffer.Length), cancellationToken).ConfigureAwait(false);
    }

    public static void WriteTime(this Utf8JsonWriter json, string name, DateTimeOffset time) =>
        json.WriteNumber(name, time.ToUnixTimeMilliseconds() / 1000m);

    public static void WriteOptional(this Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }
}
