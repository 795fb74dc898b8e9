using Amazon.Runtime;

namespace Coriolis.Aws.Emulator.Tests.Hosting;

/// <summary>Expects the errors of SDK clients.</summary>
internal static class ServiceErrors
{
    /// <summary>Calls, expects the service's error, and returns it.</summary>
    public static async Task<AmazonServiceException> AssertFailsAsync<T>(this T client, Func<T, Task> call)
        where T : AmazonServiceClient
    {
        try
        {
            await call(client);
        }
        catch (AmazonServiceException error)
        {
            return error;
        }

        throw new AssertionException("The call succeeded; an error was expected.");
    }
}
