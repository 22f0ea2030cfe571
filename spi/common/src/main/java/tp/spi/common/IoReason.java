package tp.spi.common;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;

/**
 * What failed and why, in words for people; some of Java's exceptions say it only in their name.
 */
public final class IoReason {

    private IoReason() {}

    public static String of(IOException failure) {
        return switch (failure) {
            case AccessDeniedException e -> e.getFile() + ": access denied";
            case NoSuchFileException e -> e.getFile() + ": no such file or folder";
            case FileAlreadyExistsException e -> e.getFile() + ": exists already";
            default -> String.valueOf(failure.getMessage());
        };
    }
}
