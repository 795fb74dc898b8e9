using System.Globalization;
using Coriolis.Aws.Emulator.Http;

namespace Coriolis.Aws.Emulator.Iam;

/// <summary>The global condition keys, those that do not depend on the service.</summary>
internal static class GlobalKeys
{
    public static ContextKeys Of(ServiceCall call, DateTimeOffset now)
    {
        var identity = call.Identity;
        return new ContextKeys()
            .Add("aws:CurrentTime", now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture))
            .Add("aws:EpochTime", now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture))
            .Add("aws:PrincipalAccount", identity.AccountId)
            .Add("aws:PrincipalArn", identity.PrincipalArn)
            .Add("aws:PrincipalIsAWSService", false)
            .Add("aws:PrincipalType", identity.IsSession ? "AssumedRole" : "User")
            .Add("aws:RequestedRegion", call.Region)
            .Add("aws:ResourceAccount", identity.AccountId)
            .Add("aws:SecureTransport", call.Http.Request.IsHttps)
            .Add("aws:SourceIp", call.Http.Connection.RemoteIpAddress?.ToString())
            .Add("aws:UserAgent", call.Http.Request.Headers.UserAgent.ToString())
            .Add("aws:userid", identity.UserId)
            .Add("aws:username", identity.IsSession ? null : identity.PrincipalName)
            .Add("aws:ViaAWSService", false)
            .Add("ec2:Region", call.Service == ServiceNames.Ec2 ? call.Region : null);
    }
}
