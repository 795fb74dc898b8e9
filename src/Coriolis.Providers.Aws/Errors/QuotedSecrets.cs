using System.Text.RegularExpressions;
using Amazon.Runtime;

namespace Coriolis.Providers.Aws;

/// <summary>
/// Secrets that others quote in their messages: some services repeat every signed header when a signature is wrong, the session token
/// among them; .NET's HTTP client names a proxy with its password.
/// </summary>
internal static partial class QuotedSecrets
{
    private const string SignedRequest = "The Canonical String";

    public static string RemoveFrom(string message)
    {
        var quote = message.IndexOf(SignedRequest, StringComparison.OrdinalIgnoreCase);
        return UserOfAddress().Replace(quote < 0 ? message : message[..quote].TrimEnd(), "://");
    }

    /// <summary>The exception as the cause of another one, which is printed with its own words: itself, or one of its kind that quotes no secret.</summary>
    public static Exception RemoveFrom(Exception error)
    {
        for (var cause = error; cause is not null; cause = cause.InnerException)
        {
            if (RemoveFrom(cause.Message).Length != cause.Message.Length)
            {
                var message = RemoveFrom(error.Message);
                return error switch
                {
                    AmazonServiceException answer when AwsErrors.IsAnswer(answer) =>
                        new AmazonServiceException(message, answer.ErrorType, answer.ErrorCode, answer.RequestId, answer.StatusCode),
                    HttpRequestException request => new HttpRequestException(request.HttpRequestError, message, null, request.StatusCode),
                    _ => new HttpRequestException(message),
                };
            }
        }

        return error;
    }

    [GeneratedRegex("://[^/@'\"\\s]*@")]
    private static partial Regex UserOfAddress();
}
